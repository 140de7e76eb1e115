/* A grant as List and Show have it. */
#pragma once

#include "tests/screen/play.h"

/* Judges it by today's policy and clock, and writes its row. */
void row_judge(struct play *p, struct play_grant *g);
/* What Show has beside the row. */
void row_statements(struct play *p, struct play_grant *g, struct fields *f);
void row_contacts(const struct play *p, const struct play_grant *g, struct fields *f);
/* As decide wants it asked. */
struct bg_question row_question(const struct play *p);
