/* What the parts of the broker share: its state, and the news that they have for each other. Each part has
 * its own state behind a pointer; nothing is static. Base is at the bottom, then journal, sessions, grants,
 * bus and api; main connects them. */
#pragma once

#include "policy/admission/site.h"
#include "policy/intake/intake.h"
#include "policy/record/event.h"

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

struct writer;
struct server;
struct sessions;
struct lifecycle;
struct watch;
struct broker;

/* What one part tells the others without knowing them. main.c has the only complete one; a call that is NULL
 * is not made. Strings belong to the caller. */
struct broker_listener {
    /* An event is in the spool, and then: an event is in the journal. */
    void (*spooled)(struct broker *b);
    void (*logged)(struct broker *b, const struct bg_event *event);
    /* Policy, signers, the host's name or its lock were read again. */
    void (*rules)(struct broker *b);
    /* A grant has one statement more; it is in another state than before; its sessions are others. */
    void (*statement)(struct broker *b, const char *person, const char *id);
    void (*grant)(struct broker *b, const char *person, const char *id, enum bg_state state);
    void (*session)(struct broker *b, const char *person, const char *id);
    /* A session ends: nothing is done for its processes any more. */
    void (*session_end)(struct broker *b, pid_t pid, uint64_t start);
};

struct broker {
    sd_event *event;
    bool real; /* the root is "/": logind and PID 1 are ours to talk to */
    struct bg_site site;
    struct bg_policy good; /* the last policy that parsed, while the site's does not */
    bool has_good;

    struct watch *watch;
    struct writer *writer;
    struct lifecycle *lifecycle;
    struct sessions *sessions;
    struct server *server;
    struct broker_listener on;
};

/* Completes the event (time, host) and puts it into the spool, from where it goes to the journal. */
void broker_event(struct broker *b, const struct bg_event *event);
/* The news of struct broker_listener. */
void broker_logged(struct broker *b, const struct bg_event *event);
void broker_rules(struct broker *b);
void broker_statement(struct broker *b, const char *person, const char *id);
void broker_grant(struct broker *b, const char *person, const char *id, enum bg_state state);
void broker_session(struct broker *b, const char *person, const char *id);
void broker_session_end(struct broker *b, pid_t pid, uint64_t start);
/* For bg_intake_one: today's rules, and events that go to the journal. */
struct bg_intake broker_intake(struct broker *b);
