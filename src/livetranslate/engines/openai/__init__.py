"""Engines behind the API of OpenAI, whoever serves it: a recognizer, a translator, a synthesizer."""

from livetranslate.engines.openai.recognizer import OpenAIRecognizer as OpenAIRecognizer
from livetranslate.engines.openai.synthesizer import OpenAISynthesizer as OpenAISynthesizer
from livetranslate.engines.openai.translator import OpenAITranslator as OpenAITranslator
