// What `api.js` may ask and is answered, out of the types that are made from openapi.yaml.

import type { components, paths } from "openapi";

export type Method = "get" | "post" | "patch" | "delete";

/** The paths that take a method. */
export type Path<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: object } ? P : never;
}[keyof paths];

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

type Member<T, Name extends string> = T extends { [K in Name]?: infer Value } ? Value : never;
type Parameters<M extends Method, P extends Path<M>, In extends string> = Member<Member<paths[P][M], "parameters">, In>;
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;

/** What goes with a request. */
export type Asked<M extends Method, P extends Path<M>> = {
  path?: Parameters<M, P, "path">;
  query?: Parameters<M, P, "query">;
  headers?: Parameters<M, P, "header">;
  body?: Json<Member<paths[P][M], "requestBody">>;
  signal?: AbortSignal | undefined;
};

/** What comes back when it went well. */
export type Answer<M extends Method, P extends Path<M>> = Json<
  Member<Member<paths[P][M], "responses"> extends infer R ? { r: R extends Record<200, infer A> ? A : R extends Record<201, infer A> ? A : never } : never, "r">
>;
