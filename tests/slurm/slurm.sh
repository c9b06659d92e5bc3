#!/usr/bin/env bash
# A SLURM of one node with two GPUs that are none: `slurm.sh start`, `slurm.sh stop`. For tests on a machine of one's own,
# as root; from Debian's packages slurm-wlm and munge, which `slurm.sh install` fetches.
#
# No accounting, no cgroups, no systemd: what a container has. The node says that it has eight cores and 128 GB whatever it
# has.
set -euo pipefail

BASE=${SLURM_TEST_DIR:-/tmp/slurm-test}
CONFIG=/etc/slurm  # elsewhere would need SLURM_CONF, which Snakemake's jobs within jobs do not see
MARK="# written by tests/slurm/slurm.sh"

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

install() {
    [[ $(id -u) == 0 ]] || fail "SLURM is installed by root alone."
    command -v slurmctld slurmd munged >/dev/null && return
    command -v apt-get >/dev/null || fail "apt-get is missing: SLURM is installed from Debian's packages."
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update && apt-get -qq install --yes --no-install-recommends slurm-wlm munge >/dev/null ||
        fail "apt-get could not install slurm-wlm and munge."
}

write_config() {
    [[ ! -e $CONFIG/slurm.conf ]] || grep -q "^$MARK" "$CONFIG/slurm.conf" ||
        fail "$CONFIG/slurm.conf is there and not ours: this machine belongs to a cluster."
    mkdir -p "$CONFIG"
    cat >"$CONFIG/slurm.conf" <<END
$MARK
ClusterName=test
SlurmctldHost=localhost
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$BASE/state
SlurmdSpoolDir=$BASE/spool
SlurmctldPidFile=$BASE/slurmctld.pid
SlurmdPidFile=$BASE/slurmd.pid
SlurmctldLogFile=$BASE/slurmctld.log
SlurmdLogFile=$BASE/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1
MinJobAge=600
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
GresTypes=gpu
NodeName=localhost NodeAddr=127.0.0.1 CPUs=8 RealMemory=${SLURM_TEST_MB:-128000} Gres=gpu:fake:2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
    printf '%s\nNodeName=localhost Name=gpu Type=fake File=%s/gpu[0-1]\n' "$MARK" "$BASE" >"$CONFIG/gres.conf"
}

start() {
    [[ $(id -u) == 0 ]] || fail "SLURM is started by root alone."
    rm -rf "$BASE"
    mkdir -p "$BASE/state" "$BASE/spool" /run/munge
    write_config
    mknod "$BASE/gpu0" c 1 3  # SLURM wants device files: these are /dev/null by another name
    mknod "$BASE/gpu1" c 1 3
    (umask 077 && head -c 1024 /dev/urandom >"$BASE/munge.key")
    munged --force --key-file="$BASE/munge.key" --pid-file="$BASE/munged.pid" --log-file="$BASE/munged.log" \
        --seed-file="$BASE/munge.seed"
    slurmctld
    slurmd -N localhost
    for _ in {1..100}; do
        [[ $(sinfo --noheader --format=%t 2>/dev/null) != idle ]] || return 0
        sleep 0.2
    done
    fail "the node did not come up; see $BASE/*.log"
}

stop() {
    for daemon in slurmd slurmctld munged; do
        [[ ! -s $BASE/$daemon.pid ]] || kill "$(<"$BASE/$daemon.pid")" 2>/dev/null || true
    done
    # With a configuration and no daemon, every call of Snakemake would wait nine seconds for an answer.
    for file in slurm.conf gres.conf; do
        ! grep -qs "^$MARK" "$CONFIG/$file" || rm "$CONFIG/$file"
    done
}

case ${1:-} in
    install | start | stop) "$1" ;;
    *) fail "expected slurm.sh install, start or stop" ;;
esac
