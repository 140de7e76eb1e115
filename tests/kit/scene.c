/* SPDX-License-Identifier: ISC */
/* Reads what a case says of its host and of what was signed. */
#include "tests/kit/scene.h"

#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

/* --- statements --- */

static void set_request(struct scene *s, struct bg_statement *st, struct words *w)
{
    const char *via = case_word(w, "via", NULL), *drill = case_word(w, "drill", NULL);

    st->kind = BG_REQUEST;
    CHECK(bg_statement_nonce(st) == 0, "no nonce");
    (void)snprintf(st->nonce, 33, "%032zx", s->n_requests);
    case_set(&st->terms.role, "prod-db-admin");
    case_set_list(&st->terms.hosts, "db1.prod");
    case_set_list(&st->terms.accounts, "postgres,root");
    case_set(&st->terms.reason, "disk full");
    st->terms.duration = 1800;
    case_set_terms(&s->c, &st->terms, w);
    st->via = via ? strdup(via) : NULL;
    st->drill = drill && strcmp(drill, "yes") == 0;
}

/* request= names another request by its number: the first is 1. */
static const struct bg_statement *meant(struct scene *s, struct words *w)
{
    size_t number = (size_t)atoi(case_word(w, "request", "1"));

    if (number < 1 || number > s->n_requests) {
        CASE_FAIL(&s->c, "there is no request %zu before this line", number);
        return s->n_requests > 0 ? &s->requests[0]->st : NULL;
    }
    return &s->requests[number - 1]->st;
}

static bool set_said(struct scene *s, struct bg_statement *st, enum bg_kind kind, struct words *w)
{
    const struct bg_statement *request = meant(s, w);
    const char *value;

    if (!request)
        return false;
    st->kind = kind;
    memcpy(st->request, request->digest, sizeof st->request);
    if (kind == BG_APPROVE) {
        CHECK(bg_statement_approve(st, request) == 0, "out of memory");
        case_set_terms(&s->c, &st->terms, w);
        if ((value = case_word(w, "person", NULL)))
            case_set(&st->for_person, value);
    } else if (kind == BG_CLOSE) {
        st->reason = strdup(case_word(w, "reason", "urgent"));
        st->via = (value = case_word(w, "via", NULL)) ? strdup(value) : NULL;
    }
    return true;
}

/* sig=damaged: a bit of it is flipped; sig=none: it does not parse; sig=copied: that of the statement before.
 */
static void spoil(struct scene *s, struct bg_signed *made, const char *how)
{
    const struct bg_signed *before = s->n_responses > 0  ? s->said[s->n_responses - 1]
                                     : s->n_requests > 0 ? s->requests[0]
                                                         : NULL;

    if (strcmp(how, "damaged") == 0) {
        made->sig.sig[7] ^= 1;
        made->blob[made->blob_len - 9] ^= 1;
    } else if (strcmp(how, "none") == 0) {
        made->malformed_sig = true;
    } else if (strcmp(how, "copied") == 0 && before) {
        made->sig = before->sig;
        memcpy(made->blob, before->blob, sizeof made->blob);
        made->blob_len = before->blob_len;
    } else if (strcmp(how, "good") != 0) {
        CASE_FAIL(&s->c, "sig=%s: damaged, none or copied", how);
    }
}

static struct bg_signed *sign(struct scene *s, struct bg_statement *st, struct words *w)
{
    struct bg_sentence err = {""};
    const char *up = case_word(w, "present", "yes"), *uv = case_word(w, "verified", "yes");
    struct world_pen pen = {
        .key = case_word(w, "key", st->via ? "host:db1.prod" : st->by),
        .name_space = case_word(w, "namespace", st->via ? "breakglass-host" : "breakglass"),
        .flags = (unsigned char)((strcmp(up, "yes") == 0 ? 0x01 : 0) | (strcmp(uv, "yes") == 0 ? 0x04 : 0)),
    };
    const char *how = case_word(w, "sig", "good");
    struct bg_signed *made = world_sign(st, &pen, &err);

    if (!made) {
        CASE_FAIL(&s->c, "%s", err.text);
        bg_statement_free(st);
        return NULL;
    }
    spoil(s, made, how);
    return made;
}

static void take_statement(struct scene *s, enum bg_kind kind, char *text)
{
    struct bg_statement st = {0};
    struct words w;
    struct bg_signed *made;

    case_split(&s->c, &w, text);
    if (kind == BG_REQUEST)
        set_request(s, &st, &w);
    else if (!set_said(s, &st, kind, &w))
        return;
    st.time = world_time(case_word(&w, "at", "14:00"));
    st.by = strdup(case_word(&w, "by", "bob"));
    made = sign(s, &st, &w);
    if (!made)
        return;
    for (size_t i = 0; i < w.n; i++)
        if (!w.used[i])
            CASE_FAIL(&s->c, "%s=: not known here", w.key[i]);
    CHECK(s->n_requests < SCENE_MAX && s->n_responses < SCENE_MAX, "too many statements");
    if (kind == BG_REQUEST)
        s->requests[s->n_requests++] = made;
    else
        s->said[s->n_responses++] = made;
}

static void drop_statement(struct scene *s, const char *which)
{
    if (strcmp(which, "last") == 0 && s->n_responses > 0)
        bg_signed_free(s->said[--s->n_responses]);
    else
        CASE_FAIL(&s->c, "only the last of what was said can be dropped");
}

/* --- marks, clocks and the question --- */

/* A boot's id has one letter in a case. */
static void set_boot(struct bg_clock *clock, const char *letter)
{
    memset(clock->boot, letter[0], BG_BOOT_SIZE - 1);
}

/* The time since boot is written as what a clock would say that nobody ever sets. */
static int64_t since_boot(const char *time)
{
    return world_time(time) - world_time("00:00");
}

/* opened TIME [BOOT [BOOTTIME]] */
static void take_opened(struct scene *s, char *words)
{
    char *save = NULL, *time = strtok_r(words, " ", &save), *boot = strtok_r(NULL, " ", &save),
         *since = strtok_r(NULL, " ", &save);
    struct bg_clock *at = &s->marks[s->marked].opened;

    if (!time) {
        CASE_FAIL(&s->c, "expected: opened TIME [BOOT [BOOTTIME]]");
        return;
    }
    *at = (struct bg_clock){.wall = world_time(time), .since_boot = since_boot(since ? since : time)};
    set_boot(at, boot ? boot : "a");
}

static bool take_mark(struct scene *s, const char *verb, char *words)
{
    struct scene_marks *marks = &s->marks[s->marked];

    if (strcmp(verb, "marks") == 0) {
        size_t number = (size_t)atoi(words);
        if (number < 1 || number > s->n_requests)
            CASE_FAIL(&s->c, "there is no request %zu before this line", number);
        else
            s->marked = number - 1;
    } else if (strcmp(verb, "opened") == 0)
        take_opened(s, words);
    else if (strcmp(verb, "closed") == 0)
        marks->closed = strcmp(words, "yes") == 0;
    else if (strcmp(verb, "expired") == 0)
        marks->expired_time = world_time(words), marks->expired = true;
    else
        return false;
    return true;
}

static bool take_clock(struct scene *s, const char *verb, const char *words)
{
    if (strcmp(verb, "now") == 0) {
        s->clock.wall = world_time(words);
        if (!s->clock_stands)
            s->clock.since_boot = since_boot(words);
    } else if (strcmp(verb, "boottime") == 0) {
        s->clock.since_boot = since_boot(words);
        s->clock_stands = true;
    } else if (strcmp(verb, "boot") == 0)
        set_boot(&s->clock, words);
    else
        return false;
    return true;
}

static bool take_question(struct scene *s, const char *verb, const char *words)
{
    if (strcmp(verb, "host") == 0)
        case_set(&s->host, words);
    else if (strcmp(verb, "person") == 0)
        case_set(&s->person, words);
    else if (strcmp(verb, "account") == 0)
        case_set(&s->account, words);
    else if (strcmp(verb, "locked") == 0)
        s->locked = strcmp(words, "yes") == 0;
    else if (strcmp(verb, "host-key") == 0)
        s->no_host_key = strcmp(words, "no") == 0;
    else
        return false;
    return true;
}

/* --- a whole case --- */

static void take_line(struct scene *s, char *line, scene_other *other, void *arg)
{
    char *words = case_words(line);
    int kind;

    if (!words)
        return;
    kind = bg_kind_parse(line);
    if (kind >= 0)
        take_statement(s, (enum bg_kind)kind, words);
    else if (strcmp(line, "drop") == 0)
        drop_statement(s, words);
    else if (!case_take_text(&s->c, line, words) && !take_mark(s, line, words) &&
             !take_clock(s, line, words) && !take_question(s, line, words) && !other(arg, line, words))
        CASE_FAIL(&s->c, "%s: not known", line);
}

void scene_begin(struct scene *s, const char *file)
{
    *s = (struct scene){0};
    (void)take_clock(s, "now", "14:10");
    (void)take_clock(s, "boot", "a");
    case_begin(&s->c, file);
    case_set(&s->host, "db1.prod");
    case_set(&s->person, "bob");
    case_set(&s->account, "root");
}

void scene_read(struct scene *s, const char *folder, scene_other *other, void *arg)
{
    bg_free_ char *text = case_read(folder, s->c.file);
    char *line = text;

    while (line) {
        char *newline = strchr(line, '\n');
        s->c.line++;
        if (newline)
            *newline = '\0';
        take_line(s, line, other, arg);
        line = newline ? newline + 1 : NULL;
    }
}

void scene_end(struct scene *s)
{
    case_end(&s->c);
    free(s->host);
    free(s->person);
    free(s->account);
    for (size_t i = 0; i < s->n_requests; i++)
        bg_signed_free(s->requests[i]);
    for (size_t i = 0; i < s->n_responses; i++)
        bg_signed_free(s->said[i]);
}
