//! OpenAI's Chat Completions and Embeddings, over Converse and InvokeModel.
