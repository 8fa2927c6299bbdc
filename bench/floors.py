"""The floors: bare Starlette routes under stock uvicorn, one that answers JSON and one that parses it."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

JOB = {
    "jobId": "clxxxxx0000abcd1234efgh",
    "status": "PROCESSING",
    "progress": 62,
    "outputVideo": None,
    "outputShareLink": None,
    "errorMessage": None,
    "createdAt": "2026-05-07T12:34:56.000Z",
    "updatedAt": "2026-05-07T12:36:08.000Z",
}


async def status(request: Request) -> JSONResponse:
    return JSONResponse(JOB)


async def create(request: Request) -> JSONResponse:
    await request.json()
    return JSONResponse({"result": "success", "jobId": "cm42ab3ou0008aggajj0jy5e2"})


app = Starlette(routes=[Route("/status/{id}", status), Route("/create", create, methods=["POST"])])

if __name__ == "__main__":
    config = uvicorn.Config(
        app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="error"
    )
    uvicorn.Server(config).run()
