FROM python:3.12-slim-bookworm
# '*' as password: none fits, and the account is not locked, as sshd would take '!' to say
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssh-server rsync \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home --shell /bin/bash --password '*' office-agent
COPY sshd_config /etc/ssh/sshd_config
COPY serve.sh /usr/local/sbin/serve
WORKDIR /data
CMD ["/bin/sh", "/usr/local/sbin/serve"]
