#!/bin/sh
# One machine as a whole cluster of Slurm, without systemd and without cgroups: for tests of the hub's executor.
#   bench/slurm-node.sh start DIR    its configuration, logs and state stand in DIR; prints what to export
#   bench/slurm-node.sh stop DIR
# Needs root and Debian's slurm-wlm and munge.
set -eu
what=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)

case $what in
start)
  node=$(hostname -s)
  mkdir -p "$dir/state" "$dir/spool"
  # munged refuses a folder that others may write to, and a socket that others cannot reach.
  chmod 755 "$dir"
  [ -f "$dir/munge.key" ] || (umask 077 && head -c 1024 /dev/urandom > "$dir/munge.key")
  cat > "$dir/slurm.conf" << CONF
ClusterName=leitai
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,batch_sched_delay=0
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF="$dir/slurm.conf"
  munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munged.log" --seed-file="$dir/munged.seed"
  slurmctld -f "$SLURM_CONF"
  slurmd -f "$SLURM_CONF" -N "$node"
  for _ in $(seq 60); do
    [ "$(sinfo --noheader --format=%t 2> /dev/null)" = idle ] && break
    sleep 0.5
  done
  if [ "$(sinfo --noheader --format=%t)" != idle ]; then
    tail -n 5 "$dir/munged.log" "$dir/slurmctld.log" "$dir/slurmd.log" >&2
    exit 1
  fi
  echo "export SLURM_CONF='$SLURM_CONF'"
  ;;
stop)
  for of in slurmd slurmctld munged; do
    [ -f "$dir/$of.pid" ] && kill "$(cat "$dir/$of.pid")" || true
  done
  ;;
*)
  sed -n 2,5p "$0" >&2
  exit 2
  ;;
esac
