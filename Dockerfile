# The standalone server. It listens beyond loopback, so that it wants a control token:
#   docker build -t mockserver .
#   docker run --rm -p 127.0.0.1:8000:8000 -e MOCKSERVER_CONTROL_TOKEN=choose-one mockserver
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY contracts contracts
COPY mockserver mockserver
COPY pytest_plugin pytest_plugin
RUN pip install --no-cache-dir --no-compile --prefix /install ".[redis]"

FROM python:3.12-slim
COPY --from=build /install /usr/local
RUN useradd --system --no-create-home --uid 10001 mockserver
USER 10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Variables and not options of CMD, which would go before any variable that the container is run with.
ENV MOCKSERVER_HOST=0.0.0.0 MOCKSERVER_PORT=8000 MOCKSERVER_PUBLIC_URL=http://127.0.0.1:8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"MOCKSERVER_PORT\"]}/_mock/health', timeout=2)"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
