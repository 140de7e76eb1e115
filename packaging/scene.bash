# shellcheck shell=bash
# The people and hosts of the story that packaging/try tells and tests/system builds on. Sourced, after
# hosts.bash.
#
# db1 and db2 are hosts with the package. bob (on call) and alice (of the DBAs) sit at desks of their own
# with the package's verbs, and so does grace, who reviews what was done; dave (of the leads) has a plain
# machine with nothing of ours. All four have an ordinary SSH key in an agent.

SCENE_PEOPLE=(alice bob dave grace)

# The package to boot with: BREAKGLASS_DEB, or what this tree builds.
scene_deb() {
    if [[ -n ${BREAKGLASS_DEB:-} ]]; then
        printf '%s\n' "$BREAKGLASS_DEB"
    else
        "$HOSTS_TREE/packaging/build-deb" | tail -n 1
    fi
}

# scene_boot DEB [dave]: the machines, up, with nothing set up in them; dave with the package, too.
scene_boot() {
    local lower root
    hosts_open
    root=$(hosts_root) || exit
    lower=$(hosts_with "$1") || exit
    hosts_boot db1 10.77.0.11 "$lower"
    hosts_boot db2 10.77.0.12 "$lower"
    hosts_desk alice 10.77.0.21 "$lower"
    hosts_desk bob 10.77.0.22 "$lower"
    hosts_desk grace 10.77.0.24 "$lower"
    if [[ ${2:-} == dave ]]; then
        hosts_desk dave 10.77.0.23 "$lower"
    else
        hosts_desk dave 10.77.0.23 "$root"
    fi
    hosts_wait db1
    hosts_wait db2
}

# scene_person NAME [DESK]: an account and a key at a desk, in the agent that every command of theirs finds.
scene_person() {
    local name=$1 desk=${2:-$1}
    on "$desk" useradd -m -s /bin/bash "$name"
    on "$desk" install -d -m 0700 -o "$name" -g "$name" "/home/$name/.ssh"
    as "$desk" "$name" ssh-keygen -q -t ed25519 -N '' -C "$name@$desk" -f .ssh/id_ed25519
    # shellcheck disable=SC2016 # the shell at the desk expands it
    as "$desk" "$name" sh -c 'ssh-agent -a "$SSH_AUTH_SOCK" && ssh-add -q .ssh/id_ed25519' >/dev/null 2>&1
}

# at PERSON SCRIPT: the person types this at their own desk.
at() {
    local name=$1
    shift
    as "$name" "$name" bash -c "$*"
}

scene_policy() {
    cat <<'POLICY'
[Defaults]
MaxDuration=1h
Reviewers=grace

[Person alice]
Contact=+49 151 0000000

[Person dave]
Contact=#leads in the chat

[Group oncall]
Members=bob

[Group dba]
Members=alice

[Group leads]
Members=dave

[Role db-admin]
Description=Superuser on the databases
Requesters=@oncall
Approve=1 of @dba
Approve=1 of @leads
Hosts=db*
Accounts=root
MaxDuration=30m
POLICY
}

# The lines of `signers`: one key each, which both signs statements and logs in.
scene_signers() {
    local name
    for name in "${SCENE_PEOPLE[@]}"; do
        printf '%s namespaces="breakglass,breakglass-login" ' "$name"
        at "$name" cat .ssh/id_ed25519.pub
    done
}

# scene_install HOST: policy and signers, as whatever spreads files on a site would bring them.
scene_install() {
    local host=$1
    scene_policy | on "$host" sh -c 'umask 022; cat > /etc/breakglass/policy.conf'
    scene_signers | on "$host" sh -c 'umask 022; cat > /etc/breakglass/signers'
}

scene_people() {
    local name
    for name in "${SCENE_PEOPLE[@]}"; do
        scene_person "$name"
    done
}

# The first grant ID (as shown to people) in the text on standard input.
scene_id() {
    grep -oE '\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b' | head -n 1
}
