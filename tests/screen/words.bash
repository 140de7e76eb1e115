# shellcheck shell=bash
# The words of which the cases are made (README tells about each). A case runs in a process of its own, with a
# scratch folder, a tmux server and hosts of its own; `run` sources this, then the case.
# shellcheck disable=SC2154 # run sets case_name, build, here and keep

scratch="" terminals=0 width=80 height=24 locale=C.UTF-8 term=tmux-256color bad=0
declare -a blurs=() vars=() players=()
declare -A scenarios=()
patience=${SCREEN_PATIENCE:-10} # seconds that anything may take to appear

# --- checks ---

ok() {
    printf 'ok %s: %s\n' "$case_name" "$1"
}

# not_ok WHAT [TEXT]: the text, or the screen, is shown below.
not_ok() {
    bad=$((bad + 1))
    printf 'not ok %s: %s\n' "$case_name" "$1"
    if [[ -n ${2:-} ]]; then
        printf '%s\n' "$2"
    else
        screen
    fi | head -n 80 | sed 's/^/  | /'
}

# A case that cannot go on.
give_up() {
    not_ok "$@"
    exit 1
}

# until_true SECONDS COMMAND…
until_true() {
    local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        ((${EPOCHREALTIME/[.,]/} < deadline)) || return 1
        sleep 0.05
    done
}

# --- the stage ---

set_up() {
    scratch=$(mktemp -d /tmp/bg-screen.XXXXXX) || exit 3
    trap clean_up EXIT
    trap 'exit 143' TERM INT HUP
    export PLAY_HOSTS=$scratch/hosts PLAY_HOST=$build/tests/screen/play_host TMPDIR=$scratch/tmp TZ=UTC
    export TEST_CLOCK=$scratch/clock
    mkdir -p "$PLAY_HOSTS" "$TMPDIR" "$scratch/home/.ssh" "$scratch/home/.config/breakglass" \
        "$scratch/root/run/breakglass"
    chmod 0700 "$scratch/home/.ssh"
    clock 14:02:31
}

clean_up() {
    [[ -n $scratch ]] || return
    tmux_ kill-server 2>/dev/null
    ((${#players[@]})) && kill -s KILL "${players[@]}" 2>/dev/null
    rm -rf "$scratch"
    scratch=""
}

tmux_() {
    LC_ALL=C.UTF-8 command tmux -S "$scratch/tmux$terminals" -f /dev/null "$@"
}

# What sees the clock that stands still, in place of this shell. Sanitizers want to be the first of all
# libraries, and are not.
frozen() {
    ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$build/tests/screen/.libs/preload.so exec "$@"
}

size() {
    width=$1 height=$2
}

locale() {
    locale=$1
}

term() {
    term=$1
}

# with NAME=VALUE…: in the console's environment.
with() {
    vars+=("$@")
}

# clock 14:05:00, clock +90
clock() {
    local now
    if [[ $1 == +* ]]; then
        now=$(($(<"$TEST_CLOCK") + ${1#+}))
    else
        now=$(date -u -d "2026-11-25 $1" +%s)
    fi
    # Over the old one, never shorter: programs have the file mapped.
    printf '%-20s\n' "$now" 1<>"$TEST_CLOCK"
}

# blur REGEX: what differs from run to run is a row of ~ in kept screens.
blur() {
    blurs+=("$1")
}

# --- hosts ---

scenario_file() {
    if [[ -n ${2:-} ]]; then
        scenarios[$1]=$here/$2
    else
        scenarios[$1]=$scratch/$1.scenario
        # Beside the others, for what it includes.
        { sed "s,^include ,include $here/,"; } >"${scenarios[$1]}"
    fi
}

play() {
    local name=$1 socket=$2
    frozen "$PLAY_HOST" --host "$name" --control "$scratch/$name.control" "${scenarios[$name]}" \
        --socket "$socket" 2>"$scratch/$name.err" &
    players+=($!)
    disown "$!"
    until_true "$patience" test -S "$socket" || give_up "host $name plays" "$(<"$scratch/$name.err")"
}

# host NAME [SCENARIO]: reached by ssh; the scenario is standard input where none is named.
host() {
    scenario_file "$@"
    rm -f "$PLAY_HOSTS/$1".*
    play "$1" "$PLAY_HOSTS/$1.bus"
    : >"$PLAY_HOSTS/$1.gone"
}

# local_host NAME [SCENARIO]: the machine that the console runs on.
local_host() {
    scenario_file "$@"
    play "$1" "$scratch/root/run/breakglass/bus"
}

# unreachable HOST [WORDS], silent HOST, banner HOST TEXT, slow HOST SECONDS, reachable HOST: what ssh meets.
unreachable() {
    printf '%s' "${2:-}" >"$PLAY_HOSTS/$1.unreachable"
}

reachable() {
    rm -f "$PLAY_HOSTS/$1.unreachable" "$PLAY_HOSTS/$1.silent" "$PLAY_HOSTS/$1.slow"
}

silent() {
    reachable "$1"
    : >"$PLAY_HOSTS/$1.silent"
}

banner() {
    printf '%b\n' "$2" >"$PLAY_HOSTS/$1.banner"
}

slow() {
    printf '%s\n' "$2" >"$PLAY_HOSTS/$1.slow"
}

# dialled HOST: how often ssh was started to it. forget_dialled: counts anew.
dialled() {
    grep -cxF -- "$1" "$PLAY_HOSTS/dialled"
}

forget_dialled() {
    : >"$PLAY_HOSTS/dialled"
}

# control HOST LINE…: to the host while it plays; README has the commands.
control() {
    local said
    said=$("$PLAY_HOST" --tell "$scratch/$1.control" "${@:2}" 2>&1) || give_up "control $*" "$said"
}

# id HOST GRANT: its ID as people see it.
id() {
    frozen "$PLAY_HOST" --host "$1" "${scenarios[$1]}" --ids |
        awk -v name="$2" '$1 == name { print substr($2, 1, 4) "-" substr($2, 5, 4) "-" substr($2, 9) }'
}

# hosts_file HOST…: ~/.config/breakglass/hosts
hosts_file() {
    printf '%s\n' "$@" >"$scratch/home/.config/breakglass/hosts"
}

# --- keys ---

# identity PERSON [PASSPHRASE]: the console signs with that key.
identity() {
    "$PLAY_HOST" --key "$1" "$scratch/home/.ssh/$1"
    [[ -z ${2:-} ]] || ssh-keygen -q -p -P '' -N "$2" -f "$scratch/home/.ssh/$1" >/dev/null
    vars+=("BREAKGLASS_IDENTITY=$scratch/home/.ssh/$1")
}

# agent PERSON…: an ssh-agent that has their keys.
agent() {
    local person
    vars+=("SSH_AUTH_SOCK=$scratch/agent")
    command ssh-agent -D -a "$scratch/agent" >/dev/null 2>&1 &
    players+=($!)
    disown "$!"
    until_true "$patience" test -S "$scratch/agent" || give_up "an agent" " "
    for person in "$@"; do
        "$PLAY_HOST" --key "$person" "$scratch/home/.ssh/$person"
        SSH_AUTH_SOCK=$scratch/agent ssh-add -q "$scratch/home/.ssh/$person" || give_up "ssh-add $person" " "
    done
}

# --- the terminal ---

# in_terminal COMMAND…
in_terminal() {
    local -a preload=("LD_PRELOAD=$build/tests/screen/.libs/preload.so" "TEST_CLOCK=$TEST_CLOCK")
    tmux_ kill-server 2>/dev/null
    terminals=$((terminals + 1)) # the server that ends may still have the old socket
    env -i LC_ALL=C.UTF-8 HOME="$scratch/home" PATH="$PATH" \
        tmux -S "$scratch/tmux$terminals" -f /dev/null \
        set-option -g status off \; set-option -g default-terminal "$term" \; \
        new-session -d -s screen -x "$width" -y "$height" -- \
        env -i HOME="$scratch/home" PATH="$here:$build/console:$PATH" LC_ALL="$locale" TERM="$term" \
        TZ=UTC TMPDIR="$TMPDIR" PLAY_HOSTS="$PLAY_HOSTS" PLAY_HOST="$PLAY_HOST" "${preload[@]}" \
        ASAN_OPTIONS=verify_asan_link_order=0 "${vars[@]}" "$@" || give_up "a terminal" " "
    tmux_ set-option -g window-size manual
}

# console [ARGUMENT…]: breakglass with those arguments; --root is always that of the case.
console() {
    in_terminal bash "$here/pane" breakglass --root "$scratch/root" "$@"
}

# door: the front door of the local host.
door() {
    in_terminal bash "$here/pane" "$build/tests/screen/at_door" "$scratch/root"
}

# shell: an interactive one, for what needs job control.
shell() {
    printf "PS1='$ '\n" >"$scratch/bashrc"
    in_terminal bash --noprofile --rcfile "$scratch/bashrc" -i
    await '^[$]'
}

screen() {
    tmux_ capture-pane -p -t screen: "$@" 2>&1
}

# keys KEY…: as tmux names them. After Escape a moment passes, or it would be Alt with the next key.
keys() {
    local key
    for key in "$@"; do
        tmux_ send-keys -t screen: "$key"
        if [[ $key == Escape ]]; then sleep 0.3; else sleep 0.02; fi
    done
}

# type TEXT: each character as it is.
type() {
    tmux_ send-keys -t screen: -l -- "$1"
}

# paste TEXT, as a terminal does it.
paste() {
    tmux_ set-buffer -- "$1"
    tmux_ paste-buffer -p -r -d -t screen:
}

resize() {
    tmux_ resize-window -t screen: -x "$1" -y "$2"
}

# The console's process: the child of what the pane runs.
console_pid() {
    pgrep -n -P "$(tmux_ display-message -p -t screen: '#{pane_pid}')" -x breakglass
}

console_runs() {
    [[ -n $(console_pid) ]]
}

# signal NAME: to the console.
signal() {
    until_true "$patience" console_runs || give_up "signal $1"
    kill -s "$1" "$(console_pid)"
}

# --- what is to be seen ---

shows() {
    screen | grep -qE -- "$1"
}

shows_not() {
    ! shows "$1"
}

shows_text() {
    screen | grep -qF -- "$1"
}

# await REGEX [SECONDS], gone REGEX [SECONDS]: the case ends where it does not come, or does not go.
await() {
    if until_true "${2:-$patience}" shows "$1"; then
        ok "shows $1"
    else
        give_up "shows $1"
    fi
}

gone() {
    if until_true "${2:-$patience}" shows_not "$1"; then
        ok "no longer shows $1"
    else
        give_up "no longer shows $1"
    fi
}

# says TEXT, not_says TEXT
says() {
    if until_true 3 shows_text "$1"; then
        ok "says $1"
    else
        not_ok "says $1"
    fi
}

not_says() {
    if shows_text "$1"; then
        not_ok "does not say $1"
    else
        ok "does not say $1"
    fi
}

# check WHAT COMMAND…
check() {
    if "${@:2}"; then
        ok "$1"
    else
        not_ok "$1"
    fi
}

# What the terminal is left with: alternate screen, hidden cursor, key and mouse modes.
terminal_modes() {
    tmux_ display-message -p -t screen: \
        '#{alternate_on} #{cursor_flag} #{keypad_flag} #{keypad_cursor_flag} #{mouse_any_flag}'
}

# left [STATUS]: the console has ended, and the terminal is as it was.
left() {
    local modes
    if ! until_true "$patience" shows "^left with ${1:-0}, terminal as before"; then
        give_up "leaves with ${1:-0} and the terminal as before"
    fi
    modes=$(terminal_modes)
    if [[ $modes == "0 1 0 0 0" ]]; then
        ok "leaves with ${1:-0} and the terminal as before"
    else
        not_ok "leaves the terminal as before" "alternate, cursor, keypad, cursor keys, mouse: $modes"
    fi
}

# --- kept screens ---

blurred() {
    local script='' one
    for one in "${blurs[@]}"; do
        script+="s{(?:$one)}{q(~) x length \$&}ge;"
    done
    perl -CSD -pe "$script"
}

take_picture() {
    screen "$@" | blurred
}

is_kept() {
    take_picture "${@:2}" >"$scratch/picture" && cmp -s "$scratch/picture" "$1"
}

# The same for half a second.
stand_still() {
    local last now same=0
    last=$(screen -e)
    until ((same >= 5)); do
        sleep 0.1
        now=$(screen -e)
        if [[ $now == "$last" ]]; then same=$((same + 1)); else same=0; fi
        last=$now
    done
}

# compare FILE WHAT [OPTION…]
compare() {
    local file=$1 what=$2
    shift 2
    if [[ -n ${keep:-} ]]; then
        stand_still
        take_picture "$@" >"$file"
        ok "kept $what"
    elif [[ ! -e $file ]]; then
        not_ok "$what" "nothing is kept of it: tests/screen/run --keep $case_name"
    elif until_true 5 is_kept "$file" "$@"; then
        ok "$what"
    else
        not_ok "$what" "$(diff -u --label kept --label seen "$file" "$scratch/picture")"
    fi
}

# shot NAME: the screen is the kept one. shot_colours NAME: with its colours.
shot() {
    compare "$here/kept/$case_name.$1" "$1"
}

shot_colours() {
    compare "$here/kept/$case_name.$1.colours" "$1, in colour" -e -N
}
