/* A host as a *.case file tells it: policy and signers, statements, marks, clocks, and who wants in where.
 * tests/policy/README says how it is written. */
#pragma once

#include "tests/kit/cases.h"

#define SCENE_MAX 32 /* requests, and statements about them */

struct scene {
    struct case_file c;
    struct bg_signed *requests[SCENE_MAX], *said[SCENE_MAX];
    size_t n_requests, n_responses;
    struct scene_marks {
        bool closed, expired;
        int64_t expired_time;
        struct bg_clock opened; /* when it was noted open; all 0 where it was not */
    } marks[SCENE_MAX];         /* one for each request */
    size_t marked;              /* whose marks the next lines make */
    bool locked, no_host_key;
    struct bg_clock clock;
    bool clock_stands; /* the time since boot does not follow `now` */
    char *host, *person, *account;
};

/* What every case begins with. */
void scene_begin(struct scene *s, const char *file);
void scene_end(struct scene *s);

/* A line that is not the scene's; false where it is not known at all. */
typedef bool scene_other(void *arg, const char *verb, char *words);
/* Reads the whole file from tests/FOLDER; faults fail its case_file. */
void scene_read(struct scene *s, const char *folder, scene_other *other, void *arg);
