FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssh-client rsync \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home --shell /bin/bash office-agent
# the home directory is a tmpfs while a sample runs
USER office-agent
WORKDIR /home/office-agent
