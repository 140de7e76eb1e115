# shellcheck shell=bash
# What the cases share that look at one view after another: the hosts of an afternoon, and the way to the main
# views.

# Two hosts that answer and one that is not reached.
afternoon() {
    host db1 storyboard.scenario
    host db2 beside.scenario
    unreachable db3
}

# console_as PERSON: who signs here, and whom the hosts take for the caller.
console_as() {
    identity "$1"
    control db1 "person $1"
    control db2 "person $1"
    console -H db1 -H db2 -H db3
    await 'prod-db-admin +bob '
    # Read from both hosts: the grant that db2 alone has is there, and db3 is known not to be.
    await 'web-restart +erin '
    await 'db3 unreachable'
}

# The five main views, kept, as dave, who can approve what is pending.
main_views() {
    console_as dave
    shot grants
    keys Enter
    await '^ Details'
    shot details
    keys Escape
    keys a
    await 'Approve[?]'
    shot approve
    keys Escape
    gone 'Approve[?]'
    keys n
    await 'Request a role'
    await 'root-console'
    shot ask
    keys Escape
    gone 'Request a role'
    keys 3
    await 'chain whole on 2 of 2'
    # Of one host: at the same second those of two come in any order.
    keys /
    type host:db1
    keys Enter
    gone ' db2 '
    shot events
    keys Escape
    await ' db2 '
    keys q
    left 0
}
