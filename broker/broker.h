/* What the parts of the broker share. Each part has its own state behind a pointer; nothing is static. */
#pragma once

#include "policy/record/event.h"
#include "policy/decide/host.h"
#include "policy/intake/intake.h"
#include "policy/rules/policy.h"
#include "policy/rules/signers.h"
#include "policy/store/store.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

struct journal;
struct server;
struct sessions;
struct lifecycle;
struct watch;

struct broker {
    sd_event *event;
    bool real; /* the root is "/": logind and PID 1 are ours to talk to */
    struct bg_root root;
    struct bg_store store;

    struct bg_policy policy;
    struct bg_policy good; /* the last that parsed, while `policy` does not */
    bool has_good;
    struct bg_signers signers;
    struct bg_host host;
    bool has_host;
    struct bg_sentence host_error; /* why not */
    bool locked;

    struct watch *watch;
    struct journal *journal;
    struct lifecycle *sweep;
    struct sessions *sessions;
    struct server *server;
};

/* Tells the journal: completes the event (time, host), puts it into the spool and wakes the writer. */
void broker_event(struct broker *b, const struct bg_event *event);
/* Something was said, or time changed it: judges the grant again, ends what hangs on it, wakes the watchers.
 */
void broker_changed(struct broker *b, const char *person, const char *id);
/* This host as decide's question wants it; person and account are left to the caller. */
struct bg_question broker_question(const struct broker *b, int64_t now);
/* For bg_intake_one: today's rules, and events that go to the journal. */
struct bg_intake broker_intake(struct broker *b);
