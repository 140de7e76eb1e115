/* The verbs that answer a request: approve, deny, revoke, give-back, review. Each shows what it is about. */
#pragma once

#include "console/action/answer.h"
#include "console/action/deliver.h"
#include "console/action/fetch.h"
#include "console/base/option.h"

struct answering {
    struct answer answer;
    struct bg_list named, words; /* -H; the ID */
    const char *identity, *by, *of, *verdict;
    bool yes, token, all, json;
    /* Each verb's own: all that the person should see before they sign, and what follows. */
    void (*show)(struct answering *v);
    void (*after)(struct answering *v);
    /* while it runs */
    struct calls hosts;
    struct model *model;
    struct sum before; /* how it stood */
    struct reply *says[MODEL_HOSTS];
    char id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];
    struct fetched fetched;
    struct bg_bundle_item item; /* what was signed */
    struct outcomes outcomes;   /* what the hosts make of it */
    uint64_t began;             /* delivering: bg_monotonic */
};

/* The options that they share. */
#define ANSWERING_OPTIONS(v)                                                                                 \
    {.name = "at", .letter = 'H', .list = &(v)->named}, {.name = "identity", .value = &(v)->identity},       \
        {.name = "as", .value = &(v)->by},                                                                   \
    {                                                                                                        \
        .name = "yes", .flag = &(v)->yes                                                                     \
    }

/* Parses them; what they do not allow is -EINVAL with a sentence. */
int answering_parse(struct answering *v, const struct option_spec *specs, int argc, char **argv,
                    struct bg_sentence *err);
void answering_free(struct answering *v);
/* Reaches the hosts and does it. Each of these gives an exit status. */
int answering_run(struct answering *v, int (*what)(struct answering *v));
/* Fetches the request of that ID with what hosts say of it: checks, shows, asks, signs, delivers. */
int answering_one(struct answering *v, const char *id);
/* Fetches and shows it, and nothing else. */
int answering_look(struct answering *v, const char *id);
/* ->show of most: the text of the answer. */
void answering_show(struct answering *v);
/* Whether they mean it. */
bool answering_asks(const struct answering *v);
/* Composes and signs it: ->item, to be freed. 0, or as sign_statement with a sentence. */
int answering_sign(struct answering *v, const struct bg_strings *known, struct bg_sentence *err);
