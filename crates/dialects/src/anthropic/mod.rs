//! Anthropic's Messages, over InvokeModel.
