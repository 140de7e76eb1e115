/* What a host makes of a call. */
#pragma once

#include "tests/fuzz/screen_hosts.h"

#include <systemd/sd-bus.h>

/* Once: the requests, which are the same in every run. */
void answers_prepare(void);

const char *answers_id(unsigned grant);
const char *answers_role(unsigned grant);
/* To be pasted: as a token, and as a text with its signature. */
const char *answers_token(unsigned grant);
const char *answers_carried(unsigned grant);
/* What others said about the first request: an approval, a close, a review. */
const char *answers_said(unsigned n);
/* A text from others, as bad as one can be that D-Bus carries. */
const char *answers_hostile(void);

/* Replies. SILENCE is for who calls this. */
void answers_reply(unsigned host, sd_bus_message *call);
