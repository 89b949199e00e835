# A release image: the service without demo, sandbox and private Postgres downloads, on a base without a shell.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p server --no-default-features

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/bedrock-integrations /bedrock-integrations
ENV BI_LISTEN=0.0.0.0:8080 BI_OPS_LISTEN=0.0.0.0:9090 BI_LOG_FORMAT=json
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=4s CMD ["/bedrock-integrations", "healthcheck"]
ENTRYPOINT ["/bedrock-integrations"]
CMD ["serve"]
