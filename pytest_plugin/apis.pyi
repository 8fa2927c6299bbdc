# Made by `python -m mockserver.stubs`; a test holds it to the contracts.
# A handle of one API takes fewer texts than one of any: that is its use, though it breaks the rule of subclasses.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# ruff: noqa
# fmt: off
"""The handles of the shipped contracts, and whatever gives one of them by its name."""

from typing import Literal, Never, TypeAlias, Unpack, overload

from mockserver.steering import ApiHandle, SandboxHandle
from mockserver.testing.mock import Mock
from mockserver.testing.wanted import MockOptions
from mockserver.steering.checked import CheckedHandle

MiraflowOperation: TypeAlias = Literal[
    "listAvatars", "listVoices", "listVideos", "getVideo", "downloadVideo", "getVideoStatus", "createVideo",
    "generateImage", "editImage", "inpaintImage", "getJob", "initializeMedia", "uploadMedia", "finalizeMedia",
]
MiraflowState: TypeAlias = Literal[
    "inference_started", "inference_working", "inference_complete", "inference_failed", "inference_error",
    "initialized", "uploaded", "finalized",
]
MiraflowOutcome: TypeAlias = Literal["inference_complete", "inference_failed", "inference_error"]
MiraflowResource: TypeAlias = Literal["video", "image"]
MiraflowScenario: TypeAlias = Literal[
    "happy", "slow", "flaky", "overloaded", "outage", "failing", "stuck", "expired-links",
]
MiraflowQuirk: TypeAlias = Literal["voices_under_avatars", "bare_completed_image"]

class Miraflow(CheckedHandle[
    MiraflowOperation, MiraflowState, MiraflowOutcome, MiraflowResource, MiraflowScenario, MiraflowQuirk,
]):
    "Miraflow in a sandbox."

MiragicOperation: TypeAlias = Literal["createSpeedPainting", "getSpeedPaintingJob"]
MiragicState: TypeAlias = Literal["PENDING", "COMPLETED", "FAILED"]
MiragicOutcome: TypeAlias = Literal["COMPLETED", "FAILED"]
MiragicResource: TypeAlias = Literal["job"]
MiragicScenario: TypeAlias = Literal[
    "happy", "slow", "flaky", "overloaded", "outage", "failing", "stuck", "expired-links",
]
MiragicQuirk: TypeAlias = Literal[
    "created_at_unix", "error_message", "error_object", "processing_state", "prose_fields",
]

class Miragic(CheckedHandle[
    MiragicOperation, MiragicState, MiragicOutcome, MiragicResource, MiragicScenario, MiragicQuirk,
]):
    "Miragic Speed Painting in a sandbox."

MirragoOperation: TypeAlias = Literal["issueToken", "generateImage", "getJob", "getJobStatus"]
MirragoState: TypeAlias = Literal["queued", "processing", "completed", "failed"]
MirragoOutcome: TypeAlias = Literal["completed", "failed"]
MirragoResource: TypeAlias = Literal["job"]
MirragoScenario: TypeAlias = Literal[
    "happy", "slow", "flaky", "overloaded", "outage", "failing", "stuck", "expired-links", "lossy-webhooks",
]
MirragoQuirk: TypeAlias = Literal[
    "backgroud", "completedc", "rate_limit_is_500", "url_fields_take_files", "result_image_url",
]

class Mirrago(CheckedHandle[
    MirragoOperation, MirragoState, MirragoOutcome, MirragoResource, MirragoScenario, MirragoQuirk,
]):
    "Mirrago in a sandbox."

VidgenOperation: TypeAlias = Literal[
    "getHealth", "listJobs", "createJob", "getStatus", "cancelJob", "cancelJobByPost", "cancelByPost",
]
VidgenState: TypeAlias = Literal["PENDING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED"]
VidgenOutcome: TypeAlias = Literal["COMPLETED", "FAILED"]
VidgenResource: TypeAlias = Literal["job"]
VidgenScenario: TypeAlias = Literal[
    "happy", "slow", "flaky", "overloaded", "outage", "failing", "stuck", "expired-links", "lossy-webhooks",
]
VidgenQuirk: TypeAlias = Never

class Vidgen(CheckedHandle[VidgenOperation, VidgenState, VidgenOutcome, VidgenResource, VidgenScenario, VidgenQuirk]):
    "VidGen in a sandbox."

class ShippedApis:
    @overload
    def api(self, name: Literal["miraflow"]) -> Miraflow: ...
    @overload
    def api(self, name: Literal["miragic"]) -> Miragic: ...
    @overload
    def api(self, name: Literal["mirrago"]) -> Mirrago: ...
    @overload
    def api(self, name: Literal["vidgen"]) -> Vidgen: ...
    @overload
    def api(self, name: str) -> ApiHandle: ...

class ShippedHandles:
    miraflow: Miraflow
    miragic: Miragic
    mirrago: Mirrago
    vidgen: Vidgen

@overload
def mock(api: None = None, /, **options: Unpack[MockOptions]) -> Mock[SandboxHandle]:
    """A sandbox of one's own for a while, on a server that all uses of this process share.

    `with mock("name") as api:` gives the sandbox's side of one API, `with mock() as sandbox:` the sandbox; `async with`
    does the same. As a decorator of a function, a coroutine function or a method it passes the handle by name: to the
    parameter that is called as the API, or `sandbox`; `argument` names another one. Each call has a fresh sandbox. A
    `unittest.TestCase` gets `self.sandbox` and `self.name` for each of its tests.

    Options are the keys of `@pytest.mark.mockserver(…)`, and: `intercept=True` leads calls to the vendors' hosts into
    the sandbox (a mapping adds hosts), `fast_forward=True` lets the code under test live in the sandbox's time, and
    `inbox=True` receives its webhooks (`api.inbox`); `contracts` are folders of further contracts; `url` is a server
    that runs elsewhere, `token` its control token.

    At the end ContractViolated is raised for requests that broke the contract, ArmedInVain for what was armed and took
    no effect, and, with `conduct="fail"`, BadConduct; all are AssertionErrors. An error that ends the block gets them
    as notes. Raises UsageError for unknown options.
    """

@overload
def mock(api: Literal["miraflow"], /, **options: Unpack[MockOptions]) -> Mock[Miraflow]:
    """A sandbox of one's own for a while, on a server that all uses of this process share.
    """

@overload
def mock(api: Literal["miragic"], /, **options: Unpack[MockOptions]) -> Mock[Miragic]:
    """A sandbox of one's own for a while, on a server that all uses of this process share.
    """

@overload
def mock(api: Literal["mirrago"], /, **options: Unpack[MockOptions]) -> Mock[Mirrago]:
    """A sandbox of one's own for a while, on a server that all uses of this process share.
    """

@overload
def mock(api: Literal["vidgen"], /, **options: Unpack[MockOptions]) -> Mock[Vidgen]:
    """A sandbox of one's own for a while, on a server that all uses of this process share.
    """

@overload
def mock(api: str, /, **options: Unpack[MockOptions]) -> Mock[ApiHandle]:
    """A sandbox of one's own for a while, on a server that all uses of this process share.
    """
