"""What words usually mean in APIs of jobs: names of states, of fields and of actions. Knows no operation."""

from __future__ import annotations

import re
from collections.abc import Sequence

_STATES = {
    "queued": "queued queue inqueue queueing creating pending created create submitted submit waiting scheduled new"
    " received accepted notstarted ready_to_start throttled preparing prepared enqueued initialized"
    " initializing init draft requested validating validatingfiles unstarted open incomplete",
    "running": "running run processing process inprogress progress inprocess started starting active working"
    " rendering generating transcribing fetching dreaming uploading executing training finalizing"
    " finalising converting translating dubbing analyzing analysing encoding downloading saving compiling"
    " crawling scraping indexing computing building publishing importing exporting evaluating busy ongoing"
    " partial batched begun stopping finetuning tuning deploying provisioning scaling ingesting uploaded"
    " writing retrying resuming sent sending transmitting",
    "success": "succeeded success successful succeed completed complete done finished ready available ok processed"
    " ended rendered translated transcribed dubbed signed ingested published generated passed indexed"
    " active_ready finalized resolved validated approved completedsuccess partiallycompleted"
    " partialsuccess completedwitherrors closed idle",
    "failure": "failed failure fail error errored rejected reject timeout timedout expired expire invalid dead"
    " crashed contentmoderated requestmoderated moderated blocked declined notfound tasknotfound skipped"
    " denied unprocessable usererror interrupted overdue outofmemory",
    "cancelled": "cancelled canceled cancel aborted abort stopped stop terminated revoked withdrawn userstopped"
    " cancelrequested_done killed",
    "cancelling": "cancelling canceling cancelrequested aborting terminating cancellationrequested",
    "gone": "deleted removed purged destroyed archived_gone",
}
STATES = {each.replace("_", ""): meaning for meaning, several in _STATES.items() for each in several.split()}
"""By the letters of a state's name: the phase in which a job is, or how it ended."""
NO_STATES = ("unspecified", "undefined", "unknown", "none")
"""Words that are listed for what has no state yet."""
_SIGNS = {
    "queued": "⏳⌛🕐🕒🆕📥💤🟡⚪", "running": "🔄🏃⚙🚀🔁🔵▶", "success": "✅✔☑🎉🏁👍🟢🆗", "failure": "❌✖❗💥⚠👎🔴",
    "cancelled": "🚫🛑⛔⏹",
}  # fmt: skip
SIGNS = {sign: meaning for meaning, several in _SIGNS.items() for sign in several}
"""By the sign that a state is: the phase or the end that it usually stands for."""
HELD = frozenset(["paused", "suspended", "sleeping", "asleep", "hibernated", "standby", "frozen", "inactive"])
"""Words for what does not run, and is not over."""
STATE_FIELDS = ("status", "state", "jobstatus", "taskstatus", "processingstatus", "phase", "stage", "jobstate")
"""Names of the fields that tell it, the likeliest first; letters alone."""
_ACTIONS = {
    "cancelled": "cancel stop abort terminate kill revoke interrupt dismiss discard withdraw void halt",
    "gone": "delete remove purge destroy erase expire",
    "run": "start run resume retry restart reprocess convert process submit accept activate execute begin launch"
    " continue unpause requeue resubmit recrawl refresh reindex confirm reopen retrigger",
    "success": "complete finalize finish commit approve publish end close leave quit exit disconnect hangup",
    "held": "pause hold suspend sleep hibernate",
    "same": "resend remind reject archive unarchive deactivate reset clear send notify promote"
    " rename lock unlock mark tag touch",
}
ACTIONS = {each: to for to, several in _ACTIONS.items() for each in several.split()}
"""By the last word of a path: what becomes of the job on which it is done."""
AGAIN = frozenset(("retry", "requeue", "resubmit", "restart", "retrigger", "reprocess"))
"""Those by which a job that failed or was cancelled begins again."""
CREATES = frozenset((
    "create", "submit", "start", "generate", "refresh", "filter", "initiate", "begin", "enqueue", "launch", "new",
))  # fmt: skip
"""Last words of paths that name no thing, and make one."""
FILLERS = frozenset(("action", "actions", "operations"))
"""Words of a path that say nothing before the one that does."""
ASKS = frozenset(("query", "search", "list", "find", "get", "fetch", "retrieve", "lookup"))
"""Last words of paths that only ask, though they are posted."""
COPIES = frozenset(("duplicate", "clone", "copy", "replay", "fork", "rerun", "recreate"))
"""Last words of paths by which another one is made of a job that is there."""
PLAIN = ("id", "uuid", "sid")
"""Names of ids that say nothing of what they are of."""
NAMES = frozenset((*PLAIN, "name", "key", "slug", "type", "number", "code"))
"""Those, and the names of what other things have, too."""
WORK = frozenset(("job", "task", "run", "operation", "prediction", "execution", "request", "inference"))
"""Nouns of work, whatever it is about."""
BEGINS = frozenset((
    "submit", "execute", "enqueue", "launch", "trigger", "queue", "async", "asynchronous", "asynchronously", "schedule",
))  # fmt: skip
"""Words by which an operation says that it begins work."""
FURTHER = frozenset([
    "for", "of", "to", "from", "with", "by", "in", "on", "using", "and", "that", "via", "asynchronously", "async",
])  # fmt: skip
"""Words behind the name of what is created, from which on a title says more of it."""
DONE = frozenset(("done", "isdone", "finished", "isfinished", "completed", "iscompleted", "complete", "iscomplete"))
"""Flags that are true once a job has ended; letters alone."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
"""How a moment begins as most write it."""
SUCCEEDS = frozenset(("success", "ok", "issuccess", "issuccessful", "successful"))
"""Flags of an answer that are true where a request was met, and false in refusals; letters alone."""
SENT_TO = frozenset(("location", "operationlocation", "contentlocation", "azureasyncoperation"))
"""Headers of a success that say where a job is shown; letters alone."""
JOBS = frozenset((
    "job", "task", "prediction", "generation", "render", "rendering", "training", "transcript", "transcription",
    "video", "dubbing", "dub", "batch", "crawl", "export", "conversion", "evaluation", "operation", "asset",
    "upload", "translation",
))  # fmt: skip
"""Nouns of things that take their time, where nothing else is known of them."""
CONTENTS = frozenset((
    "content", "contents", "download", "file", "files", "result", "results", "output", "outputs", "data", "audio",
    "video", "image", "transcript", "media", "pdf", "csv", "srt", "vtt", "thumbnail", "bytes", "raw", "export",
))  # fmt: skip
"""Last words of paths whose answer is what a job led to."""
TOLD = frozenset(["status", "state", "progress", "poll", "result", "results"])
"""Last words of paths whose answer may tell how a job stands."""
FACTS = {
    "created": "createdat created creationtime createtime createdtime datecreated submittedat submitted createddate"
    " creationdate createdon submissiontime createddatetime creationdatetime datetimecreated createdtimestamp",
    "updated": "updatedat updated modifiedat lastmodified updatetime modified lastupdated"
    " updateddatetime lastupdateddatetime lastmodifieddatetime lastmodifiedat modifieddatetime lastactiondatetime"
    " lastupdatedat lastupdatedtime lastactionat",
    "ended": "completedat completed finishedat finished endedat endtime completiontime doneat completedtime"
    " finishtime endedtime datefinished completeddatetime finisheddatetime enddatetime",
    "started": "startedat started starttime inprogressat begunat startedtime starteddatetime startdatetime",
    "progress": "progress percent percentage percentcomplete percentdone completion progresspercent progresspercentage",
    "error": "error errormessage failurereason failedreason failuremessage errorreason failuredetail errordetail"
    " statusmessage reason errordescription failure",
}
FACT_OF = {each: fact for fact, several in FACTS.items() for each in several.split()}
"""By the letters of a field's name: what it tells of a job."""
LISTING = {
    "limit": "limit pagesize perpage size count maxresults maxitems top resultsperpage itemsperpage",
    "after": "after startingafter afterid aftercursor",
    "before": "before endingbefore beforeid",
    "token": "cursor pagetoken nextpagetoken nexttoken continuationtoken pagecursor nextcursor marker",
    "offset": "offset skip startindex",
    "page": "page pagenumber currentpage pagenum",
}
LIST_WORDS = {each: meaning for meaning, several in LISTING.items() for each in several.split()}
"""By the letters of a query parameter: what it asks of a list."""
PAGE = {
    "page.more": "hasmore hasnext hasnextpage more",
    "page.next": "nextcursor nextpagetoken nexttoken nextpage cursor after endcursor",
    "page.next_url": "next nexturl nextpageurl",
    "page.previous_url": "previous previousurl prev",
    "page.total": "total totalcount totalresults itemstotal totalitems totalnumber",
    "page.first": "firstid",
    "page.last": "lastid",
}
PAGE_FACTS = {each: fact for fact, several in PAGE.items() for each in several.split()}
"""By the letters of a field beside a list: what it tells of the page."""
MAIN = frozenset(["output", "result", "download"])
"""Words in the names of the result that a job is for."""
_MAKES = (
    ("picture", "picture.png", "thumbnail thumb poster cover"),
    ("video", "video.mp4", "video mp4 mov movie film clip render stream playback"),
    ("picture", "picture.png", "image images picture photo png jpg jpeg sample frame logo"),
    ("audio", "audio.mp3", "audio voice speech mp3 wav sound music song dub podcast"),
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")


def letters(name: str) -> str:
    """`In-Progress`, `inProgress` and `IN_PROGRESS` are the same word."""
    return "".join(each for each in name.lower() if each.isalnum())


def parts(name: str) -> list[str]:
    """The words of a name: `createVideoJob` → create, video, job."""
    return [each.lower() for each in _HUMP.split(name) if each]


def is_plain_id(name: str, parameter: str) -> bool:
    """Whether a field is the id of the thing around it: `id`, or `gid` for the parameter `job_gid`."""
    word, wanted = letters(name), letters(parameter)
    return word in PLAIN or (word.endswith("id") and 2 < len(word) < len(wanted) and wanted.endswith(word))


def abbreviates(name: str, word: str) -> bool:
    """Whether a name is an id of what a word says, the word shortened: `rq_id` of a request."""
    short = letters(name).removesuffix("id")
    rest = iter(word)
    return 1 < len(short) < len(word) and short[0] == word[:1] and all(each in rest for each in short)


_CALLED = re.compile(r"(webhook|callback|notify|notification|hook)s?(url|uri|endpoint|target|address)?|(url|uri)")
_CALLBACKS = frozenset(
    ("webhook", "webhooks", "callback", "callbacks", "notify", "notification", "notifications", "hook")
)


def is_callback(at: str) -> bool:
    """Whether a field is called as one that holds the URL of a webhook. What is in a list is none."""
    names = at.removeprefix("query.").strip("/").split("/")
    if any(name.isdigit() or name == "*" for name in names):
        return False
    last, words = letters(names[-1]), parts(names[-1])
    is_named = bool(_CALLBACKS & {*words}) and (words[-1] in _CALLBACKS or last.endswith(("url", "uri", "endpoint")))
    if not _CALLED.fullmatch(last) and not is_named:
        return False
    return last not in ("url", "uri") or any(_CALLBACKS & {*parts(name)} for name in names[:-1])


def tells_job(header: str) -> bool:
    """Whether a header of this name says where a job is shown, or which it is."""
    word = letters(header)
    return word in SENT_TO or word.endswith(("identifier", "jobid", "taskid", "operationid"))


def stem(word: str) -> str:
    """A word without the ending of its plural."""
    for ending, to in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", "")):
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")) and len(word) > len(ending) + 2:
            return word[: -len(ending)] + to
    return word


def meaning_of(state: str) -> str:
    """The phase or the end that the name of a state tells; empty where nobody knows."""
    word = letters(state)
    if word in STATES:
        return STATES[word]
    found = [STATES[each] for each in map(letters, parts(state)) if each in STATES]
    found = found or [SIGNS[each] for each in state if each in SIGNS]
    if not found:
        return ""
    return next((each for each in ("failure", "cancelled", "cancelling") if each in found), found[-1])


def made_by(words: Sequence[str], around: Sequence[str] = ()) -> tuple[str, str]:
    """What makes the bytes of a result of which these words tell, those around it where they say nothing; its file."""
    for several in (words, around):
        for make, file, known in _MAKES:
            if any(stem(each) in known.split() or each in known.split() for each in several):
                return make, file
    return "text", "result.txt"
