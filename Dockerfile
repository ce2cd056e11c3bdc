# The page with the embedded model, on the CPU:
#   docker build -t text2mdt . && docker run --rm -p 127.0.0.1:8501:8501 -v text2mdt:/data text2mdt
# With PostgreSQL, sign-in, a GPU: compose.yaml and docs/deployment.md.
# The command line on the files of a folder:
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" -w /work text2mdt text2mdt extract guideline.md -o out

FROM python:3.11-slim AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH TEXT2MDT_CACHE=/opt/models
WORKDIR /source
# PyTorch has a layer of its own: it is large and seldom changes.
COPY constraints.txt ./
RUN pip install -c constraints.txt --extra-index-url "$TORCH_INDEX" torch
COPY pyproject.toml README.md LICENSE ./
COPY pilora pilora
COPY text2mdt text2mdt
COPY app app
COPY data data
RUN pip install -c constraints.txt --extra-index-url "$TORCH_INDEX" '.[app,postgresql,openai]'
# The converted model is all that is needed afterwards.
RUN text2mdt models fetch && rm -f /opt/models/*.gguf /opt/models/*.lock

FROM python:3.11-slim
# The store of reviews is in /data unless TEXT2MDT_STORE names another; /served is for files of inference servers.
RUN useradd --create-home --uid 10001 text2mdt && install -d -o text2mdt -g text2mdt /data /served
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/models /opt/models
# No hub is asked for anything; for a model from a hub: docker run -e HF_HUB_OFFLINE=0 …
ENV PATH=/opt/venv/bin:$PATH TEXT2MDT_CACHE=/opt/models HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1 \
    TEXT2MDT_STORE=/data/review.sqlite3
USER text2mdt
WORKDIR /home/text2mdt
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["text2mdt", "app", "--headless", "--address", "0.0.0.0", "--port", "8501"]
