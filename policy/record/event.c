/* SPDX-License-Identifier: ISC */
/* An event as text in the spool, as a message for people, and in the journal's own encoding. */
#include "policy/record/event.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"
#include "policy/statement/statement.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SENTENCE_MAX 4096

static const struct {
    const char *name, *message_id, *sentence;
    int priority;
} table[BG_EVENT_COUNT] = {
#define X(id, name, message_id, priority, sentence) [BG_EVENT_##id] = {name, message_id, sentence, priority},
    BG_EVENT_TABLE(X)
#undef X
};

static const char *const fields[BG_FIELD_COUNT] = {
#define X(id) [BG_FIELD_##id] = #id,
    BG_FIELD_TABLE(X)
#undef X
};

/* What the sentence says for a field that is not there. */
static const char *missing_word(enum bg_field field)
{
    switch (field) {
    case BG_FIELD_PERSON:
    case BG_FIELD_ACTOR:
        return "somebody";
    case BG_FIELD_RHOST:
        return "this machine";
    case BG_FIELD_REASON:
        return "no reason given";
    default:
        return "-";
    }
}

void bg_event_of_grant(struct bg_event *e, const char *id, const struct bg_statement *request, int64_t ends,
                       char expires[BG_TIME_SIZE])
{
    e->field[BG_FIELD_GRANT] = id;
    e->field[BG_FIELD_PERSON] = request->by;
    e->field[BG_FIELD_ROLE] = request->terms.role;
    e->field[BG_FIELD_REASON] = request->terms.reason;
    e->field[BG_FIELD_TICKET] = request->ticket;
    if (ends > 0) {
        bg_time_format(expires, ends);
        e->field[BG_FIELD_EXPIRES] = expires;
    }
}

const char *bg_event_name(enum bg_event_id id)
{
    return (unsigned)id < BG_EVENT_COUNT ? table[id].name : "";
}

const char *bg_event_message_id(enum bg_event_id id)
{
    return (unsigned)id < BG_EVENT_COUNT ? table[id].message_id : "";
}

int bg_event_priority(const struct bg_event *event)
{
    if (event->alert)
        return 1; /* LOG_ALERT */
    return (unsigned)event->id < BG_EVENT_COUNT ? table[event->id].priority : 4;
}

int bg_event_by_name(const char *name)
{
    for (int i = 0; i < BG_EVENT_COUNT; i++)
        if (strcmp(table[i].name, name) == 0)
            return i;
    return -1;
}

const char *bg_field_name(enum bg_field field)
{
    return (unsigned)field < BG_FIELD_COUNT ? fields[field] : "";
}

static int field_by_name(const char *name, size_t len)
{
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        if (strlen(fields[i]) == len && memcmp(fields[i], name, len) == 0)
            return i;
    return -1;
}

/* The value of a field as it is kept: cleaned and cut. False where there is none. */
static bool field_value(const struct bg_event *event, int field, char out[BG_FIELD_MAX + 1])
{
    return event->field[field] && bg_clean(out, BG_FIELD_MAX + 1, event->field[field]) > 0;
}

/* Appends what fits. */
static void append(char *out, size_t size, size_t *n, const char *text, size_t len)
{
    if (len > size - 1 - *n)
        len = size - 1 - *n;
    memcpy(out + *n, text, len);
    *n += len;
    out[*n] = '\0';
}

/* What stands in the sentence for a field. */
static void append_field(char *out, size_t size, size_t *n, const struct bg_event *event, int field)
{
    char value[BG_FIELD_MAX + 1], shown[BG_ID_SHOWN_SIZE];
    const char *text = value;

    if (!field_value(event, field, value))
        text = missing_word((enum bg_field)field);
    else if (field == BG_FIELD_GRANT && bg_is_id(value)) {
        bg_id_show(shown, value);
        text = shown;
    }
    append(out, size, n, text, strlen(text));
}

size_t bg_event_sentence(const struct bg_event *event, char *out, size_t size)
{
    char text[SENTENCE_MAX] = "";
    size_t n = 0;

    if ((unsigned)event->id >= BG_EVENT_COUNT)
        return bg_clean(out, size, "");
    for (const char *p = table[event->id].sentence; *p;) {
        const char *end = *p == '@' ? strchr(p + 1, '@') : NULL;
        int field = end ? field_by_name(p + 1, (size_t)(end - p - 1)) : -1;

        if (field >= 0) {
            append_field(text, sizeof text, &n, event, field);
            p = end + 1;
        } else
            append(text, sizeof text, &n, p++, 1);
    }
    return bg_clean(out, size, text); /* a character cut in two becomes '?' */
}

static void print_line(FILE *f, const char *key, const char *value)
{
    fputs(key, f);
    fputc('=', f);
    fputs(value, f);
    fputc('\n', f);
}

static void print_event(FILE *f, const struct bg_event *event)
{
    char value[BG_FIELD_MAX + 1], time[BG_TIME_SIZE];

    bg_time_format(time, event->time);
    print_line(f, "EVENT", bg_event_name(event->id));
    print_line(f, "TIME", time);
    if (event->alert)
        print_line(f, "ALERT", "yes");
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        if (field_value(event, i, value))
            print_line(f, fields[i], value);
}

char *bg_event_print_two(const struct bg_event *first, const struct bg_event *second)
{
    char *text = NULL;
    size_t len = 0;
    bool bad;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return NULL;
    print_event(f, first);
    if (second)
        print_event(f, second);
    bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad) {
        free(text);
        return NULL;
    }
    return text;
}

char *bg_event_print(const struct bg_event *event)
{
    return bg_event_print_two(event, NULL);
}

/* Takes the next "KEY=value" line of *p apart. False at the end or where it has another shape. */
static bool next_line(char **p, char **key, char **value)
{
    char *end = strchr(*p, '\n');

    if (!end)
        return false;
    *end = '\0';
    *key = *p;
    *value = strchr(*p, '=');
    *p = end + 1;
    if (!*value)
        return false;
    *(*value)++ = '\0';
    return true;
}

static int parse_lines(struct bg_event *event, char *p)
{
    char *key, *value;
    int id, field, last = -1;

    if (!next_line(&p, &key, &value) || strcmp(key, "EVENT") != 0)
        return -EINVAL;
    id = bg_event_by_name(value);
    if (id < 0)
        return -EINVAL;
    event->id = (enum bg_event_id)id;
    if (!next_line(&p, &key, &value) || strcmp(key, "TIME") != 0 || bg_time_parse(&event->time, value) < 0)
        return -EINVAL;
    while (*p) {
        if (!next_line(&p, &key, &value) || !*value)
            return -EINVAL;
        if (last < 0 && !event->alert && strcmp(key, "ALERT") == 0 && strcmp(value, "yes") == 0) {
            event->alert = true;
            continue;
        }
        field = field_by_name(key, strlen(key));
        if (field <= last) /* unknown, repeated or out of order */
            return -EINVAL;
        event->field[field] = value;
        last = field;
    }
    return 0;
}

int bg_event_parse(struct bg_event *event, char *text)
{
    int r;

    *event = (struct bg_event){0};
    r = parse_lines(event, text);
    if (r < 0)
        *event = (struct bg_event){0};
    return r;
}

int bg_chain_next(struct bg_chain *chain, const struct bg_event *event)
{
    bg_free_ char *text = bg_event_print(event);
    char head[64 + BG_DIGEST_HEX], hex[BG_DIGEST_HEX];
    crypto_hash_sha256_state hash;

    if (!text)
        return -ENOMEM;
    bg_hex(hex, chain->digest);
    (void)snprintf(head, sizeof head, "SEQ=%llu\nPREV=%s\n", (unsigned long long)chain->seq + 1, hex);
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, (const unsigned char *)head, strlen(head));
    crypto_hash_sha256_update(&hash, (const unsigned char *)text, strlen(text));
    crypto_hash_sha256_final(&hash, chain->digest);
    chain->seq++;
    return 0;
}

/* One field in the journal's native protocol (systemd's JOURNAL_NATIVE_PROTOCOL): name, LF, length as 64 bits
 * little endian, value, LF. This form takes any bytes; the shorter "NAME=value" could be split by a newline.
 */
static void put(FILE *f, const char *prefix, const char *name, const char *value)
{
    uint64_t len = strlen(value);

    fprintf(f, "%s%s\n", prefix, name);
    for (unsigned i = 0; i < 8; i++)
        fputc((int)(len >> (8 * i) & 0xff), f);
    fputs(value, f);
    fputc('\n', f);
}

#define PREFIX "BREAKGLASS_"

static void put_fields(FILE *f, const struct bg_event *event)
{
    char value[BG_FIELD_MAX + 1], time[BG_TIME_SIZE];

    bg_time_format(time, event->time);
    put(f, PREFIX, "EVENT", bg_event_name(event->id));
    put(f, PREFIX, "TIME", time);
    if (event->alert)
        put(f, PREFIX, "ALERT", "yes");
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        if (field_value(event, i, value))
            put(f, PREFIX, fields[i], value);
}

static void put_chain(FILE *f, const struct bg_chain *chain, const unsigned char prev[BG_DIGEST_BYTES])
{
    char seq[24], hex[BG_DIGEST_HEX];

    (void)snprintf(seq, sizeof seq, "%llu", (unsigned long long)chain->seq);
    put(f, PREFIX, "SEQ", seq);
    bg_hex(hex, prev);
    put(f, PREFIX, "PREV", hex);
    bg_hex(hex, chain->digest);
    put(f, PREFIX, "DIGEST", hex);
}

int bg_event_encode(const struct bg_event *event, const struct bg_chain *chain,
                    const unsigned char prev[BG_DIGEST_BYTES], void **data, size_t *len)
{
    char sentence[SENTENCE_MAX], priority[2] = {(char)('0' + bg_event_priority(event)), '\0'};
    char *out = NULL;
    size_t n = 0;
    bool bad;
    FILE *f = open_memstream(&out, &n);

    *data = NULL;
    *len = 0;
    if (!f)
        return -ENOMEM;
    (void)bg_event_sentence(event, sentence, sizeof sentence);
    put(f, "", "MESSAGE", sentence);
    put(f, "", "MESSAGE_ID", bg_event_message_id(event->id));
    put(f, "", "PRIORITY", priority);
    put(f, "", "SYSLOG_IDENTIFIER", "breakglass");
    put(f, "", "SYSLOG_FACILITY", "10"); /* LOG_AUTHPRIV */
    put_fields(f, event);
    if (chain)
        put_chain(f, chain, prev);
    bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad) {
        free(out);
        return -ENOMEM;
    }
    *data = out;
    *len = n;
    return 0;
}
