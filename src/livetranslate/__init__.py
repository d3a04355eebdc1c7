"""livetranslate: speech in, translated text and speech out, over the wire of Qwen3-LiveTranslate-Flash."""

__version__ = "0.1.0"
