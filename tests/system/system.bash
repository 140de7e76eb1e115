# shellcheck shell=bash
# What the tests on booted hosts share: a fresh db1 and db2 with the gate on, people at their desks, and
# checks that are counted. A test sources this, calls scene, makes its checks, and calls finish. Each runs
# alone: tests/system/NAME.test.
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=packaging/hosts.bash
source "$tree/packaging/hosts.bash"
# shellcheck source=packaging/scene.bash
source "$tree/packaging/scene.bash"

OUT="" RC=0 BAD=0 ID=""

# Options of people's ssh: never a question, and a bound.
SSH="ssh -o BatchMode=yes -o ConnectTimeout=10"
# What a test types often: only the key that -i names; signing; the first bytes that come out of a forwarded
# port.
# shellcheck disable=SC2034
ONLY="-o IdentitiesOnly=yes -o IdentityAgent=none" \
    SIGN="ssh-keygen -q -Y sign -n breakglass -f .ssh/id_ed25519" \
    PEEK="timeout 3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/2222 && head -c 3 <&3'"

# run COMMAND…: its output in OUT, its status in RC.
run() {
    OUT=$("$@" 2>&1 </dev/null)
    RC=$?
}

# types PERSON SCRIPT, root HOST SCRIPT: as `run`, at a desk or as root on a host's console.
types() {
    run at "$1" "$2"
}

root() {
    run on "$1" bash -c "$2"
}

# ok WHAT COMMAND…: one check. A failed one shows the last output.
ok() {
    local what=$1
    shift
    if "$@"; then
        printf 'ok %s\n' "$what"
    else
        BAD=$((BAD + 1))
        printf 'not ok %s (%s; status %d)\n' "$what" "$*" "$RC"
        printf '%s\n' "$OUT" | tail -n 10 | sed 's/^/  # /'
    fi
}

not() {
    ! "$@"
}

says() {
    grep -qiE -- "$1" <<<"$OUT"
}

status_is() {
    ((RC == $1))
}

within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < until)) || return 1
        sleep 0.2
    done
}

# What was asked for must work before a test can say anything; otherwise it stops here.
must() {
    local what=$1
    shift
    if ! "$@"; then
        ok "$what" false
        finish
    fi
}

worked() {
    run "$@"
    ((RC == 0))
}

finish() {
    if ((BAD)) && [[ -n ${BREAKGLASS_TEST_DEBUG:-} ]]; then
        on db1 journalctl --no-pager -n 200
    fi
    exit $((BAD > 0))
}

# scene ACCOUNTS [dave]: two hosts with the gate before the ssh of those accounts, and alice, bob and dave
# (with the package, too).
scene() {
    local host deb
    deb=$(scene_deb) || exit 3
    scene_boot "$deb" "${2:-}"
    scene_people
    for host in db1 db2; do
        gated "$host" "$1"
    done
}

# gated HOST ACCOUNTS: named, policy and signers in place, gate on.
gated() {
    must "$1: init" worked on "$1" breakglass init --name "$1"
    scene_install "$1"
    must "$1: policy check" worked on "$1" breakglass policy check
    must "$1: gate on" worked on "$1" breakglass gate on sshd --accounts "$2"
}

# ask DURATION [ROLE]: bob asks on db1 and db2; ID is the request's.
ask() {
    types bob "breakglass request ${2:-db-admin} --host db1 --host db2 --for $1 --reason test --ticket T-1"
    ID=$(scene_id <<<"$OUT")
    [[ -n $ID ]]
}

# approve_by PERSON HOST…: with stock tools, whatever the person has at the desk.
approve_by() {
    local person=$1 host
    shift
    types "$person" "rm -f s s.sig; $SSH breakglass@$1 text approve $ID > s && $SIGN s"
    ((RC == 0)) || return
    for host in "$@"; do
        types "$person" "cat s s.sig | $SSH breakglass@$host put"
        ((RC == 0)) || return
    done
}

# grant DURATION [ROLE]: asked, and approved by both on both hosts.
grant() {
    ask "$@" && approve_by alice db1 db2 && approve_by dave db1 db2
}

revoke() {
    types alice "breakglass revoke $ID -H db1 -H db2"
    ((RC == 0))
}

# Whether bob gets a command run as root (or ACCOUNT) on HOST now.
bob_in() {
    types bob "$SSH ${2:-root}@$1 id -un"
    [[ $RC == 0 ]] && grep -qx "${2:-root}" <<<"$OUT"
}

bob_out() {
    types bob "$SSH ${2:-root}@$1 id -un"
    [[ $RC != 0 ]] && ! grep -qx "${2:-root}" <<<"$OUT"
}

# stays HOST [ACCOUNT]: a session of bob's that stays, in the background; gone HOST: it has ended.
stays() {
    at bob "rm -f stay.$1"
    at bob "$SSH ${2:-root}@$1 'echo in; exec sleep 601' >stay.$1 2>&1; echo ended >>stay.$1" </dev/null &
    within 10 at bob "grep -qx in stay.$1 2>/dev/null"
}

gone() {
    at bob "grep -qx ended stay.$1" && ! on "$1" pgrep -fx 'sleep 601' >/dev/null
}

# A screen in a terminal of PERSON's: screen PERSON COMMAND opens it; keys PERSON KEY… presses keys (as tmux
# names them), typed PERSON TEXT types; shows PERSON REGEX looks, and leaves what is there in OUT.
screen() {
    at "$1" "tmux kill-server 2>/dev/null && sleep 0.5
        tmux -u set-option -g set-clipboard on \\; new-session -d -s s -x 100 -y 30 \
            \"$2; echo; echo left with \\\$?; exec sleep 600\""
}

keys() {
    local person=$1 key
    shift
    for key in "$@"; do
        at "$person" "tmux send-keys -t s '$key'"
        sleep 0.1
    done
}

typed() {
    at "$1" "tmux send-keys -t s -l '$2'"
}

shows() {
    OUT=$(at "$1" "tmux capture-pane -p -t s" 2>&1)
    says "$2"
}

# The file of somebody's public key, and putting a key where sshd takes it without us.
key_of() {
    at "$1" cat .ssh/id_ed25519.pub
}

authorize() {
    key_of "$2" | on "$1" sh -c 'umask 077; mkdir -p /root/.ssh; cat >> /root/.ssh/authorized_keys'
}
