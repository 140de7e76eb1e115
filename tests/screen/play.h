/* One breakglass host that is played for the console's tests: what a scenario says of it (README tells how
 * one is written), and what it answers. It judges by the real policy/, with keys that are made from names, so
 * that everything it says is true unless the scenario wants a lie. */
#pragma once

#include "tests/screen/fields.h"

#include "broker/base/broker.h"
#include "policy/decide/decide.h"
#include "policy/record/event.h"
#include "tests/kit/scratch.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct play_grant {
    char *name;             /* as the scenario calls it; "" for what came through Ask or Put */
    struct bg_grant grant;  /* the request and what was said */
    bool generated;         /* one of thousands: its row is final, and it is signed when somebody asks */
    bool stored;            /* in the scratch store, from which Put goes on */
    bool used;              /* somebody was in with it */
    char *shows;            /* Get and Show send the statements of the grant of that name; or NULL */
    struct bg_list changes; /* "KEY VALUE": what the row says instead */
    struct bg_list lies;    /* "KIND KEY VALUE": what Show says of statements instead */
    struct fields sessions; /* field "in": a row each */
    struct fields row;
    enum bg_state state;
    int64_t turns; /* when time alone changes the state; INT64_MAX: never */
};

struct play_event {
    struct bg_event event; /* the strings are owned */
    char *message;         /* its own sentence, or what the scenario has instead */
    char *then;            /* "KEY VALUE": a field that was changed after the digest was taken; or NULL */
    uint64_t skip, seq;    /* numbers that are missing before it; its own */
    unsigned char prev[BG_DIGEST_BYTES], digest[BG_DIGEST_BYTES];
};

struct play {
    struct broker b;        /* policy, signers, host, root and store; nothing else of it is there */
    struct scratch scratch; /* where the store is, once Put needs one */
    bool fixed_host, has_policy;
    struct bg_list fido; /* people whose key is a security key */

    /* Who. */
    char *person, *how, *policy_digest, *signers_digest; /* digests: hex, or NULL for the true ones */
    int64_t policy_time, signers_time, ahead;
    bool sees_all, has_keys, older;
    struct bg_list keys;     /* names of keys, where has_keys */
    struct bg_list changes;  /* "KEY VALUE": what Who says instead */
    struct bg_list contacts; /* name and text in turn, beside those of the policy */
    bool no_contacts;
    struct fields roles; /* field "roles": rows beside those of the policy */
    struct bg_list explain;

    struct play_grant **grants; /* n_grants, newest request first */
    size_t n_grants;
    int64_t turns;             /* when the next of them turns; never later than that */
    struct play_event *events; /* n_events, oldest first */
    size_t n_events, events_room, n_chained;
    struct bg_chain chain;
    unsigned drafts; /* requests that were drafted: their nonces */

    /* Behaviour. */
    bool hung;
    int64_t delay;          /* milliseconds before each answer */
    struct bg_list refused; /* "METHOD SENTENCE" */

    sd_event *event;
    struct client *conns; /* conns.h */
    int listen_fd, control_fd;
};

int64_t play_now(const struct play *p);
