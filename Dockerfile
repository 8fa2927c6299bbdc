# The standalone server. It listens beyond loopback, so that it wants a control token:
#   docker build -t mockserver .
#   docker run --rm -p 127.0.0.1:8000:8000 -e MOCKSERVER_CONTROL_TOKEN=choose-one mockserver
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY contracts contracts
COPY mockserver mockserver
COPY pytest_plugin pytest_plugin
RUN pip install --no-cache-dir --no-compile --prefix /install .

FROM python:3.12-slim
COPY --from=build /install /usr/local
RUN useradd --system --no-create-home --uid 10001 mockserver
USER 10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/_mock/health', timeout=2)"]
ENTRYPOINT ["mockserver"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--public-url", "http://127.0.0.1:8000"]
