/* Hosts without ssh and without a broker: the other ends of the console's connections, in its own event loop.
 * What they answer is true, or comes from the input, or does not come. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define HOSTS 4  /* db0 … db3; whoever has another name is as db3 */
#define GRANTS 8 /* that they may know */
#define EVENTS_MAX 250

enum mood { TRUE_WORDS, ODD_WORDS, NO_WORDS, SILENCE, GARBAGE, MOODS };

struct fake_host {
    enum mood mood;
    bool is_gone;  /* no connection is made */
    bool is_hasty; /* calls to it end before it can answer */
    bool knows[GRANTS];
    unsigned state[GRANTS]; /* enum grant_state */
    unsigned sessions, events;
};

/* As things stand in this run. */
extern struct fake_host fake_hosts[HOSTS];

void hosts_begin(void);
/* Aborts where a connection is still open. */
void hosts_end(void);

/* Tells those who watch. GRANTS: it is no ID at all; beyond: a grant that nobody knows. */
void hosts_tell_changed(unsigned host, unsigned grant);
void hosts_tell_logged(unsigned host);
/* All connections to it break. */
void hosts_vanish(unsigned host);
/* What was held back is answered now. */
void hosts_answer_held(unsigned host);
/* Whether nothing is on its way, in either direction. */
bool hosts_quiet(void);
