# The page with the embedded model, on the CPU:
#   docker build -t text2mdt . && docker run --rm -p 127.0.0.1:8501:8501 -v text2mdt:/data text2mdt
# With PyTorch's CUDA build: docker build --build-arg TORCH=cuda -t text2mdt:cuda .
# With PostgreSQL, sign-in, a GPU: compose.yaml and docs/deployment.md.
# The command line on the files of a folder:
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" -w /work text2mdt text2mdt extract guideline.md -o out

# The digest pins the base image by hash. `docker buildx imagetools inspect python:3.11-slim-bookworm` tells today's; give it as
#   --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:…
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG TORCH=cpu

FROM ${PYTHON_IMAGE} AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH TEXT2MDT_CACHE=/opt/models

# PyTorch has a layer of its own: it is large and seldom changes. What it needs comes with the other packages, so that this
# index gives nothing but PyTorch. Its hashes are not those of PyPI: pinned by version, and by hash where TORCH_HASH=sha256:…
# is given (of the wheel for one processor).
FROM base AS torch-cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG TORCH_VERSION=2.13.0
ARG TORCH_HASH
RUN echo "torch==$TORCH_VERSION${TORCH_HASH:+ --hash=$TORCH_HASH}" > /tmp/torch.txt \
    && pip install --no-deps --only-binary :all: --index-url "$TORCH_INDEX" -r /tmp/torch.txt

# PyPI has the CUDA build with NVIDIA's libraries, so all of it is pinned by hash.
FROM base AS torch-cuda
COPY deploy/locked/torch-cuda.txt /tmp/
RUN pip install --no-deps --require-hashes -r /tmp/torch-cuda.txt

FROM torch-${TORCH} AS build
WORKDIR /source
COPY deploy/locked/packages.txt deploy/locked/build.txt ./
RUN pip install --no-deps --require-hashes -r packages.txt
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-deps --require-hashes -r build.txt
COPY pyproject.toml README.md LICENSE ./
COPY pilora pilora
COPY text2mdt text2mdt
COPY app app
COPY data data
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation -w /tmp/wheels . \
    && pip install --no-deps /tmp/wheels/*.whl && pip check
# The converted model is all that is needed afterwards, by a user who is not the one that converts it here.
RUN text2mdt models fetch && rm -f /opt/models/*.gguf /opt/models/*.lock && chmod -R a+rX /opt/models

FROM ${PYTHON_IMAGE}
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
