/* The words of a command given to the front door. Nothing is expanded, nothing is run. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/list.h"

#define DOOR_COMMAND_MAX 8192
#define DOOR_WORDS_MAX 256

/* Splits at blanks. After --reason and --note everything up to the next word that starts with "--" is one
 * value, as ssh has already taken the quotes away; one pair of quotes around it is taken off. -E2BIG or
 * -EINVAL with a sentence. */
int door_words(const char *command, struct bg_list *words, struct bg_sentence *err);
