/* What must hold of the console at every moment; it aborts where something does not. It sees what a person
 * sees, which keys came, and what is signed and sent. */
#pragma once

#include "policy/statement/statement.h"

#include "console/screen/frame/frame.h"

#include <stdbool.h>

/* may_sign: signing is allowed in this run. */
void watch_begin(bool at_the_door, bool may_sign);

/* The screen was painted. */
void watch_painted(const struct canvas *c);
/* A key is about to be taken; KEY_NOTHING: the last one was taken, and whatever happens now none has asked
 * for. */
void watch_key(int key);
/* The console connects to a host: by ssh, or (NULL) here. */
void watch_dials(const char *host);
/* It calls a method. */
void watch_call(const char *member);
/* This arrives at a host. */
void watch_put(const char *text);
/* This is to be signed; and it was. */
void watch_signs(const struct bg_statement *st);
void watch_signed(const struct bg_statement *st);
/* The hosts never changed what they have of the first grant, and never lied. */
void watch_is_steady(bool steady);
/* NULL before anything was painted. */
struct frame *watch_frame(void);
