"""The exception tree: what can go wrong, the HTTP status and code it gets, and the sentence a client may read.

    LivetranslateError
    ├── BadRequest                 400  invalid_parameter_error
    │   ├── BadBody                     the body is no JSON object we can read
    │   ├── BadParameter                a field is missing, of the wrong type or out of range
    │   ├── Unsupported                 the field is fine, but this server's profile cannot do it
    │   ├── BadUrl                      not a URL we would fetch
    │   ├── FetchFailed                 the URL could not be fetched (one sentence for every cause)
    │   ├── BadMedia                    the bytes are no sound or video we can decode
    │   └── TooBig                      too many bytes, seconds or tokens
    ├── ContentRefused             400  data_inspection_failed
    ├── WrongKey                   401  invalid_api_key
    ├── ModelNotFound              404  model_not_found
    ├── ModelNotSupported          404  model_not_supported
    ├── NotFound                   404  not_found
    ├── MethodNotAllowed           405  method_not_allowed
    ├── RequestTooSlow             408  request_timeout
    ├── BodyTooLarge               413  request_too_large
    ├── UnsupportedMediaType       415  unsupported_media_type
    ├── HeadersTooLarge            431  request_headers_too_large
    ├── RateLimited                429  limit_requests
    ├── BurstLimited               429  limit_burst_rate
    ├── QuotaExceeded              429  insufficient_quota
    ├── EngineError                500  ModelServingError
    │   ├── EngineTimeout          500  RequestTimeOut
    │   └── EngineBusy             503  ModelUnavailable
    ├── Overloaded                 503  ModelUnavailable
    └── InternalError              500  internal_error

Messages are ours alone: they never quote another exception's text, an address, or more than 64 characters of a client's value.
Codes and sentences follow the wire contract of the chat completions endpoint.
"""

from typing import ClassVar


class LivetranslateError(Exception):
    """Anything that a face may show to a client.

    `retryable` says whether the same request may succeed later; `retry_after` in how many seconds to try.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    type: ClassVar[str | None] = None
    sentence: ClassVar[str] = "The server failed to process the request."
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(message or self.sentence)
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        """The sentence for the client."""
        return str(self.args[0])

    @property
    def error_type(self) -> str:
        """The `type` of the envelope: the class's own, else its code."""
        return self.type or self.code


class BadRequest(LivetranslateError):
    """The request cannot be served as it stands."""

    status = 400
    code = "invalid_parameter_error"
    type = "invalid_request_error"
    sentence = "The request is invalid."


class BadBody(BadRequest):
    """The body is no JSON object we can read."""

    sentence = "Required body invalid, please check the request body format: it must be one JSON object."


class BadParameter(BadRequest):
    """A field is missing, of the wrong type or out of range."""

    sentence = "A parameter is invalid."


class Unsupported(BadRequest):
    """The request is well formed, but the profile of this server cannot do it; the message says which one can."""

    sentence = "This server's profile cannot do what was asked."


class BadUrl(BadRequest):
    """Not a URL we would fetch."""

    sentence = "The provided URL does not appear to be valid. Ensure it is correctly formatted."


class FetchFailed(BadRequest):
    """The URL could not be fetched: one sentence for every cause, so that the answer is no port scanner."""

    sentence = "Failed to download multimodal content."


class BadMedia(BadRequest):
    """The bytes are no sound or video we can decode."""

    sentence = "The audio format is illegal and cannot be opened."


class TooBig(BadRequest):
    """Too many bytes, seconds or tokens."""

    sentence = "Multimodal file size is too large."


class ContentRefused(LivetranslateError):
    """An engine's filter refused the content."""

    status = 400
    code = "data_inspection_failed"
    sentence = "Input or output data may contain inappropriate content."


class WrongKey(LivetranslateError):
    """No API key, or not one of ours: one sentence for both."""

    status = 401
    code = "invalid_api_key"
    type = "invalid_request_error"
    sentence = "Incorrect API key provided."


class ModelNotFound(LivetranslateError):
    """No model of that name."""

    status = 404
    code = "model_not_found"
    type = "invalid_request_error"
    sentence = "The model does not exist or you do not have access to it."


class ModelNotSupported(LivetranslateError):
    """A model of the family that does not speak this protocol."""

    status = 404
    code = "model_not_supported"
    type = "invalid_request_error"
    sentence = "Unsupported model for OpenAI compatibility mode."


class NotFound(LivetranslateError):
    """No such path."""

    status = 404
    code = "not_found"
    type = "invalid_request_error"
    sentence = "There is nothing at this path."


class MethodNotAllowed(LivetranslateError):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    type = "invalid_request_error"
    sentence = "Request method is not supported."


class RequestTooSlow(LivetranslateError):
    """The request did not arrive in time."""

    status = 408
    code = "request_timeout"
    type = "invalid_request_error"
    sentence = "The request did not arrive in time."


class BodyTooLarge(LivetranslateError):
    """The body is over the server's limit."""

    status = 413
    code = "request_too_large"
    type = "invalid_request_error"
    sentence = "The request body is too large."


class UnsupportedMediaType(LivetranslateError):
    """The body is not plain JSON."""

    status = 415
    code = "unsupported_media_type"
    type = "invalid_request_error"
    sentence = "The request body must be application/json without Content-Encoding."


class HeadersTooLarge(LivetranslateError):
    """The request line and headers are over the server's limit."""

    status = 431
    code = "request_headers_too_large"
    type = "invalid_request_error"
    sentence = "The request line or headers are too large."


class RateLimited(LivetranslateError):
    """Too many requests for this key in the window."""

    status = 429
    code = "limit_requests"
    sentence = "You exceeded your current requests list: Requests rate limit exceeded, please try again later."
    retryable = True


class BurstLimited(LivetranslateError):
    """Too many requests for this key at once."""

    status = 429
    code = "limit_burst_rate"
    sentence = "Request rate increased too quickly. Please slow down and try again later."
    retryable = True


class QuotaExceeded(LivetranslateError):
    """The tokens of this key are used up."""

    status = 429
    code = "insufficient_quota"
    sentence = "You exceeded your current quota, please check your plan and billing details."
    retryable = True


class EngineError(LivetranslateError):
    """An engine failed, died or answered rubbish."""

    status = 500
    code = "ModelServingError"
    sentence = "An engine failed while it served the request."
    retryable = True


class EngineTimeout(EngineError):
    """An engine did not answer in time."""

    code = "RequestTimeOut"
    sentence = "An engine did not answer in time."


class EngineBusy(EngineError):
    """An engine's own server takes no more requests now."""

    status = 503
    code = "ModelUnavailable"
    sentence = "The model is unavailable: an engine takes no more requests now. Please try again later."


class Overloaded(LivetranslateError):
    """The queue is full, or the server is shutting down."""

    status = 503
    code = "ModelUnavailable"
    sentence = "The model is unavailable: too many requests are being served. Please try again later."
    retryable = True


class InternalError(LivetranslateError):
    """Anything else: a bug of ours."""

    sentence = "An internal error has occurred, please try again later."
