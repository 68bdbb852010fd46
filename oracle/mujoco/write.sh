#!/usr/bin/env bash
# MuJoCo's answers. `write.sh own` rewrites answers/ (committed); `write.sh real` writes oracle/.cache/mujoco (ignored).
# Without an argument: both. Further arguments name models of models.toml.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$("$here/../install.sh")
which=${1:-both}
shift || true
only=()
[ $# -gt 0 ] && only=(--only "$@")
case $which in
  own | real | both) ;;
  *) echo "write.sh: say own, real or nothing, not '$which'" >&2; exit 2 ;;
esac
[ "$which" = real ] || "$python" "$here/oracle.py" --write own --outdir "$here/answers" "${only[@]}"
[ "$which" = own ] || "$python" "$here/oracle.py" --write real --outdir "$here/../.cache/mujoco" "${only[@]}"
