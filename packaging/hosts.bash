# shellcheck shell=bash
# Throw-away hosts: Debian machines that boot in about a second, for packaging/try and for tests/system.
# Sourced, not run. HOSTS_RELEASE names the Debian release: bookworm (12, the default) or trixie (13).
#
# A host is systemd-nspawn on an overlay of a cached root; it has a network namespace of its own, whose one
# cable ends at a bridge in another namespace of ours, so no packet leaves. A desk is the same without an
# init: a person's own machine. Nothing of the real machine is changed, and hosts_close takes everything
# away; a trap calls it on every exit.
#
#   hosts_open                     hosts_boot NAME ADDRESS LOWER     on NAME COMMAND…       (as root there)
#   hosts_root / hosts_with DEB    hosts_desk NAME ADDRESS LOWER     as NAME USER COMMAND…  (as USER there)
#   hosts_cut / hosts_join NAME    hosts_reboot / hosts_stop NAME    hosts_close

HOSTS_TREE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
HOSTS_CACHE=${BREAKGLASS_CACHE:-$HOSTS_TREE/.cache}
HOSTS_MIRROR=${BREAKGLASS_MIRROR:-http://deb.debian.org/debian}
HOSTS_RELEASE=${HOSTS_RELEASE:-bookworm}
HOSTS_PACKAGES=(at cron dbus iproute2 libncursesw6 libpam-systemd libsodium23 login ncurses-base
    openssh-client openssh-server passwd procps sudo systemd systemd-sysv tmux)
declare -A HOSTS_LEADER=() HOSTS_NSPAWN=()
HOSTS_LAB=""

hosts_say() {
    printf '%s\n' "$*" >&2
}

hosts_die() {
    hosts_say "hosts: $*"
    exit 3
}

hosts_need() {
    local tool
    ((EUID == 0)) || hosts_die "the throw-away hosts need root (systemd-nspawn and network namespaces)"
    for tool in mmdebstrap systemd-nspawn ip nsenter setpriv flock mount; do
        command -v "$tool" >/dev/null || hosts_die "$tool is missing; see packaging/dependencies"
    done
}

# Prints the folder of the Debian root, made once for each release and list of packages (about 20 s and 100 MB
# from the mirror).
hosts_root() {
    local key root
    key=$(printf '%s\n' "$HOSTS_MIRROR" "${HOSTS_PACKAGES[@]}" | sha256sum | cut -c1-12)
    root=$HOSTS_CACHE/root-$HOSTS_RELEASE-$key
    mkdir -p "$HOSTS_CACHE"
    (
        flock 9
        [[ -d $root ]] && exit 0
        hosts_say "Making a Debian root ($HOSTS_RELEASE; once, about half a minute) …"
        rm -rf "$root.new"
        local packages
        packages=$(IFS=,; printf '%s' "${HOSTS_PACKAGES[*]}")
        if ! mmdebstrap --quiet --variant=minbase --include="$packages" "$HOSTS_RELEASE" "$root.new" \
            "$HOSTS_MIRROR" >"$HOSTS_CACHE/root.log" 2>&1; then
            tail -n 20 "$HOSTS_CACHE/root.log" >&2
            exit 1
        fi
        # Each host gets its own identity when it boots.
        rm -f "$root.new"/etc/ssh/ssh_host_* "$root.new/etc/machine-id"
        : >"$root.new/etc/machine-id"
        : >"$root.new/etc/resolv.conf"
        mv "$root.new" "$root"
    ) 9>"$HOSTS_CACHE/root.lock" || hosts_die "no Debian root; the log is $HOSTS_CACHE/root.log"
    printf '%s\n' "$root"
}

# Prints the overlay's lower folders for a machine with the package installed: one layer for each .deb, kept.
# Call it after hosts_open, whose lock keeps the layer.
hosts_with() {
    local deb=$1 root key layer
    root=$(hosts_root) || return
    key=$(cat "$deb" <(basename "$root") | sha256sum | cut -c1-12)
    layer=$HOSTS_CACHE/layer-$key
    (
        flock 9
        [[ -d $layer ]] && exit 0
        rm -rf "$layer.new"
        mkdir -p "$layer.new/upper" "$layer.new/work" "$layer.new/top"
        mount -t overlay overlay \
            -o "lowerdir=$root,upperdir=$layer.new/upper,workdir=$layer.new/work" "$layer.new/top" || exit 1
        cp "$deb" "$layer.new/top/breakglass.deb"
        local r=0
        systemd-nspawn -q -D "$layer.new/top" --register=no --keep-unit --console=pipe --private-network \
            --resolv-conf=off dpkg -i /breakglass.deb </dev/null >"$HOSTS_CACHE/install.log" 2>&1 || r=1
        rm -f "$layer.new/top/breakglass.deb"
        umount "$layer.new/top"
        ((r == 0)) || { tail -n 20 "$HOSTS_CACHE/install.log" >&2; exit 1; }
        mv "$layer.new/upper" "$layer"
        rm -rf "$layer.new"
    ) 9>"$HOSTS_CACHE/layer.lock" || hosts_die "no layer with the package; see $HOSTS_CACHE/install.log"
    printf '%s:%s\n' "$layer" "$root"
}

# Opens the laboratory: a scratch folder and the bridge. Closes it on every exit.
hosts_open() {
    hosts_need
    HOSTS_ID=bg$$
    mkdir -p "$HOSTS_CACHE"
    # Whoever holds this lock stands on a layer; the layers of earlier builds go when nobody does.
    exec {HOSTS_LOCK}<>"$HOSTS_CACHE/lab.lock"
    if flock -n -x "$HOSTS_LOCK"; then
        find "$HOSTS_CACHE" -maxdepth 1 -name 'layer-*' -mmin +600 -exec rm -rf {} +
    fi
    flock -s "$HOSTS_LOCK"
    hosts_sweep
    HOSTS_LAB=$HOSTS_CACHE/lab-$$
    mkdir -p "$HOSTS_LAB"
    chmod 0755 "$HOSTS_LAB"
    # An overlay cannot stand on another overlay (a container's root, say).
    if [[ $(stat -f -c %T "$HOSTS_LAB") == overlayfs ]]; then
        mount -t tmpfs tmpfs "$HOSTS_LAB" || hosts_die "no room for the hosts in $HOSTS_LAB"
    fi
    trap hosts_close EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
    ip netns add "$HOSTS_ID-net" || hosts_die "cannot make a network namespace"
    ip -n "$HOSTS_ID-net" link add bridge type bridge forward_delay 0
    ip -n "$HOSTS_ID-net" link set bridge up
    printf '127.0.0.1 localhost\n' >"$HOSTS_LAB/names"
    : >"$HOSTS_LAB/known_hosts"
}

# A run that was killed leaves mounts and namespaces (its processes died with it): take them away.
hosts_sweep() {
    local old pid name
    for old in "$HOSTS_CACHE"/lab-*; do
        pid=${old##*-}
        [[ -d $old && ! -d /proc/$pid ]] || continue
        while read -r name; do
            ip netns del "${name%% *}"
        done < <(ip netns list | grep "^bg$pid-")
        find "$(dirname "$(hosts_group x)")" -depth -type d -path "*/bg$pid-*" -exec rmdir {} + 2>/dev/null
        hosts_unmount "$old"
        rm -rf --one-file-system "$old"
    done
}

hosts_unmount() {
    local top
    for top in "$1"/*/top; do
        mountpoint -q "$top" && umount -l "$top"
    done
    if mountpoint -q "$1"; then
        umount -l "$1"
    fi
    return 0
}

hosts_overlay() {
    local name=$1 lower=$2 dir=$HOSTS_LAB/$1
    mkdir -p "$dir/upper" "$dir/work" "$dir/top"
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" "$dir/top" \
        || hosts_die "$name: no overlay"
    tr -d - </proc/sys/kernel/random/uuid >"$dir/top/etc/machine-id"
    printf '%s\n' "$name" >"$dir/top/etc/hostname"
}

# A cable from the machine's own network namespace to the bridge.
hosts_cable() {
    local name=$1 address=$2 ns=$HOSTS_ID-$1
    ip netns add "$ns"
    ip -n "$ns" link set lo up
    ip -n "$HOSTS_ID-net" link add "$name" type veth peer name eth0 netns "$ns"
    ip -n "$HOSTS_ID-net" link set "$name" master bridge up
    ip -n "$ns" address add "$address/24" dev eth0
    ip -n "$ns" link set eth0 up
}

# Prints the folder of a machine's own control group. Without one, all machines would share one (nspawn
# makes it below ours), and each init would clean away what another has just made.
hosts_group() {
    local top own
    top=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
    own=$(sed -n 's/^0:://p' /proc/$$/cgroup)
    printf '%s/%s-%s\n' "${top}${own%/}" "$HOSTS_ID" "$1"
}

# hosts_start NAME ARGUMENTS…: systemd-nspawn in the background; it dies with us. Finds the process that is
# its init.
hosts_start() {
    local name=$1 dir=$HOSTS_LAB/$1 i pid group
    shift
    group=$(hosts_group "$name")
    mkdir -p "$group" || hosts_die "$name: no control group of its own ($group)"
    (
        echo "$BASHPID" >"$group/cgroup.procs"
        export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
        exec setsid setpriv --pdeathsig KILL systemd-nspawn -q -D "$dir/top" \
            --machine="$name" --register=no --keep-unit --console=pipe --resolv-conf=off --timezone=off \
            --network-namespace-path="/run/netns/$HOSTS_ID-$name" "$@" </dev/null >>"$dir/console" 2>&1 9>&-
    ) &
    HOSTS_NSPAWN[$name]=$!
    for ((i = 0; i < 200; i++)); do
        for pid in $(pgrep -P "${HOSTS_NSPAWN[$name]}"); do
            if [[ $(awk '/^NSpid:/ { print $NF; exit }' "/proc/$pid/status" 2>/dev/null) == 1 ]]; then
                HOSTS_LEADER[$name]=$pid
                return 0
            fi
        done
        [[ -d /proc/${HOSTS_NSPAWN[$name]} ]] || break
        sleep 0.05
    done
    tail -n 20 "$dir/console" >&2
    hosts_die "$name did not start"
}

# Boots a host with its own SSH host key, known to every desk. Does not wait: hosts_wait does.
hosts_boot() {
    local name=$1 address=$2 lower=$3 top=$HOSTS_LAB/$1/top
    hosts_overlay "$name" "$lower"
    hosts_cable "$name" "$address"
    ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$top/etc/ssh/ssh_host_ed25519_key"
    printf '%s %s\n' "$address" "$name" >>"$HOSTS_LAB/names"
    printf '%s,%s ' "$name" "$address" >>"$HOSTS_LAB/known_hosts"
    cat "$top/etc/ssh/ssh_host_ed25519_key.pub" >>"$HOSTS_LAB/known_hosts"
    cp "$HOSTS_LAB/names" "$top/etc/hosts"
    hosts_start "$name" --boot
}

# Waits until the host has booted and its sshd listens; at most 60 s.
hosts_wait() {
    local name=$1 i state=""
    for ((i = 0; i < 600; i++)); do
        state=$(on "$name" systemctl is-system-running 2>/dev/null)
        case $state in
        running | degraded)
            on "$name" systemctl is-active --quiet ssh.service \
                && on "$name" systemctl is-active --quiet systemd-user-sessions.service && return 0
            ;;
        esac
        [[ -d /proc/${HOSTS_LEADER[$name]} ]] || break
        sleep 0.1
    done
    tail -n 30 "$HOSTS_LAB/$name/console" >&2
    hosts_die "$name did not boot (${state:-gone})"
}

# A person's own machine: the same root without an init, on the same bridge, which knows the hosts by name
# and key.
hosts_desk() {
    local name=$1 address=$2 lower=$3 top=$HOSTS_LAB/$1/top
    hosts_overlay "$name" "$lower"
    hosts_cable "$name" "$address"
    cp "$HOSTS_LAB/names" "$top/etc/hosts"
    cp "$HOSTS_LAB/known_hosts" "$top/etc/ssh/ssh_known_hosts"
    # The first process is nspawn's own small init, which takes in orphans (agents, kept ssh masters).
    hosts_start "$name" --as-pid2 sleep infinity
}

# on NAME COMMAND…: as root in that machine, with none of our environment.
on() {
    local name=$1
    shift
    nsenter -t "${HOSTS_LEADER[$name]}" -a -- \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"
}

# as NAME USER COMMAND…: as that user, in their home, with their agent; no PAM, no login.
as() {
    local name=$1 user=$2
    shift 2
    nsenter -t "${HOSTS_LEADER[$name]}" -a -- env -i TERM="${TERM:-dumb}" LANG=C.UTF-8 \
        setpriv --reuid="$user" --regid="$user" --init-groups --reset-env -- \
        env -C "/home/$user" LANG=C.UTF-8 SSH_AUTH_SOCK="/home/$user/.ssh/agent" "$@"
}

# Pulls and puts back a machine's cable.
hosts_cut() {
    ip -n "$HOSTS_ID-net" link set "$1" down
}

hosts_join() {
    ip -n "$HOSTS_ID-net" link set "$1" up
}

# Ends one machine, hard: its init's death ends every process in it.
hosts_kill() {
    local name=$1
    [[ -n ${HOSTS_LEADER[$name]:-} ]] && kill -KILL "${HOSTS_LEADER[$name]}" 2>/dev/null
    if [[ -n ${HOSTS_NSPAWN[$name]:-} ]]; then
        [[ -n ${HOSTS_LEADER[$name]:-} ]] || kill -KILL "${HOSTS_NSPAWN[$name]}" 2>/dev/null
        wait "${HOSTS_NSPAWN[$name]}" 2>/dev/null
    fi
    unset "HOSTS_LEADER[$name]" "HOSTS_NSPAWN[$name]"
    find "$(hosts_group "$name")" -depth -type d -exec rmdir {} + 2>/dev/null
}

# Takes it away.
hosts_stop() {
    local name=$1
    hosts_kill "$name"
    ip netns del "$HOSTS_ID-$name" 2>/dev/null
    if mountpoint -q "$HOSTS_LAB/$name/top"; then
        umount -l "$HOSTS_LAB/$name/top"
    fi
    return 0
}

# Boots a host again, as after a loss of power, and waits for it.
hosts_reboot() {
    hosts_kill "$1"
    hosts_start "$1" --boot
    hosts_wait "$1"
}

hosts_close() {
    local status=$? name
    trap - EXIT HUP INT PIPE TERM
    set +e
    for name in "${!HOSTS_NSPAWN[@]}"; do
        hosts_stop "$name"
    done
    if [[ -n $HOSTS_LAB ]]; then
        ip netns del "$HOSTS_ID-net" 2>/dev/null
        hosts_unmount "$HOSTS_LAB"
        rm -rf --one-file-system "$HOSTS_LAB"
    fi
    HOSTS_LAB=""
    exit "$status"
}
