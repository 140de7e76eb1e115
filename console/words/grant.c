/* SPDX-License-Identifier: ISC */
#include "console/words/grant.h"

#include "policy/base/name.h"
#include "console/base/print.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 1024
#define HOSTS_MAX 14  /* columns, in a list */
#define COLUMN_MAX 40 /* a longer word stands out of its column */

const char *show_id(char out[64], const char *id)
{
    if (bg_is_id(id))
        bg_id_show(out, id);
    else
        (void)snprintf(out, 64, "%s", id);
    return out;
}

/* chars: of the time of day. */
static const char *say_time(char out[SHOW_LEFT_SIZE], int64_t t, int64_t now, int chars)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[BG_TIME_SIZE];
    unsigned month;

    bg_time_format(text, t);
    month = (unsigned)(text[5] - '0') * 10 + (unsigned)(text[6] - '0');
    if (t > now - 86400 && t < now + 86400)
        (void)snprintf(out, SHOW_LEFT_SIZE, "%.*s", chars, text + 11);
    else
        (void)snprintf(out, SHOW_LEFT_SIZE, "%.2s %s %.*s", text + 8,
                       month >= 1 && month <= 12 ? months[month - 1] : "?", chars, text + 11);
    return out;
}

const char *show_clock(char out[SHOW_LEFT_SIZE], int64_t t, int64_t now)
{
    return say_time(out, t, now, 5);
}

const char *show_moment(char out[SHOW_LEFT_SIZE], int64_t t, int64_t now)
{
    return say_time(out, t, now, 8);
}

const char *show_left(char out[SHOW_LEFT_SIZE], int64_t seconds)
{
    long long s = seconds < 0 ? 0 : (long long)seconds;

    if (s < 3600)
        (void)snprintf(out, SHOW_LEFT_SIZE, "%02lld:%02lld", s / 60, s % 60);
    else if (s < 2LL * 86400)
        (void)snprintf(out, SHOW_LEFT_SIZE, "%lldh%02lldm", s / 3600, s / 60 % 60);
    else
        (void)snprintf(out, SHOW_LEFT_SIZE, "%lldd", s / 86400);
    return out;
}

const char *show_state(json_object *row)
{
    const char *state = row_string(row, "state"), *closed_as = row_string(row, "closed_as");

    if (strcmp(state, "closed") == 0 && *closed_as)
        return closed_as;
    if (strcmp(state, "open") == 0)
        return row_flag(row, "solo") ? "OPEN solo!" : "OPEN";
    return state;
}

/* The earliest that counts. */
json_object *show_close(json_object *grant)
{
    json_object *all = row_array(grant, "statements"), *found = NULL;

    if (strcmp(row_string(grant, "state"), "closed") != 0)
        return NULL;
    for (size_t i = 0; all && i < json_object_array_length(all); i++) {
        json_object *st = json_object_array_get_idx(all, i);

        if (strcmp(row_string(st, "kind"), "close") == 0 && row_flag(st, "valid") &&
            (!found || row_number(st, "time") < row_number(found, "time")))
            found = st;
    }
    return found;
}

/* The window opens a little before, for clocks that are behind; people mean what they agreed to. */
static int64_t meant(int64_t opens, int64_t ends, int64_t duration)
{
    return opens > ends - duration ? opens : ends - duration;
}

const char *show_window(char out[160], json_object *grant, const struct window *window, int64_t now)
{
    int64_t opens = meant(window->opens, window->ends, window->duration), ends = window->ends;
    json_object *close = show_close(grant);
    int64_t closed = row_number(close, "time");
    char from[SHOW_LEFT_SIZE], until[SHOW_LEFT_SIZE], shut[SHOW_LEFT_SIZE];

    (void)show_clock(from, opens, now);
    (void)show_clock(until, ends, now);
    (void)show_clock(shut, closed, now);
    if (!close || closed >= ends)
        (void)snprintf(out, 160, "from %s to %s UTC", from, until);
    else if (closed < opens)
        (void)snprintf(out, 160, "never, %s at %s UTC; signed from %s to %s", show_state(grant), shut, from,
                       until);
    else
        (void)snprintf(out, 160, "%s to %s UTC, %s; signed until %s", from, shut, show_state(grant), until);
    return out;
}

/* How many places of all Approve= lines are filled, and how many there are. */
static void count_places(json_object *row, int64_t *filled, int64_t *need)
{
    json_object *lines = row_array(row, "lines");

    *filled = *need = 0;
    for (size_t i = 0; lines && i < json_object_array_length(lines); i++) {
        json_object *line = json_object_array_get_idx(lines, i);

        *filled += row_number(line, "filled");
        *need += row_number(line, "need");
    }
}

/* Roughly: "3m", "16h", "2d". */
static const char *about(char out[SHOW_LEFT_SIZE], int64_t seconds)
{
    if (seconds < 60)
        (void)snprintf(out, SHOW_LEFT_SIZE, "<1m");
    else if (seconds < 3600)
        (void)snprintf(out, SHOW_LEFT_SIZE, "%dm", (int)(seconds / 60));
    else if (seconds < 2LL * 86400)
        (void)snprintf(out, SHOW_LEFT_SIZE, "%dh", (int)(seconds / 3600));
    else
        (void)snprintf(out, SHOW_LEFT_SIZE, "%lldd", (long long)seconds / 86400);
    return out;
}

/* What is left, or waited for. Short: a line has 80 columns, and others fill most of them. */
static void say_note(char *note, size_t size, json_object *row, int64_t now)
{
    int64_t filled, need, asked = row_number(row, "asked"), due = row_number(row, "review_due");
    const char *state = row_string(row, "state");
    char left[SHOW_LEFT_SIZE];

    count_places(row, &filled, &need);
    if (strcmp(state, "open") == 0)
        (void)snprintf(note, size, "%s left", show_left(left, row_number(row, "ends") - now));
    else if (strcmp(state, "pending") == 0)
        (void)snprintf(note, size, "%lld of %lld, waits %s", (long long)filled, (long long)need,
                       about(left, now - asked));
    else if (strcmp(state, "early") == 0)
        (void)snprintf(note, size, "opens %s", show_clock(left, row_number(row, "opens"), now));
    else if (due && due <= now)
        (void)snprintf(note, size, "review overdue");
    else if (due)
        (void)snprintf(note, size, "review due %s", about(left, due - now));
    else if (strcmp(row_string(row, "reviewed"), "flag") == 0)
        (void)snprintf(note, size, "flagged");
    else if (*row_string(row, "reviewed"))
        (void)snprintf(note, size, "signed off");
    if (row_flag(row, "drill"))
        (void)snprintf(note + strlen(note), size - strlen(note), "%sdrill", *note ? ", " : "");
}

/* "db1,db2", or "db1,+5" where they are many. */
static const char *say_hosts(char *out, size_t size, json_object *row, const char *key)
{
    json_object *hosts = row_array(row, key);
    size_t n = hosts ? json_object_array_length(hosts) : 0;

    (void)row_joined(row, key, ",", out, size);
    for (size_t left_out = 1; left_out < n && strlen(out) > HOSTS_MAX; left_out++) {
        char *comma = strrchr(out, ',');

        if (left_out > 1 && comma) { /* "+5" goes, too */
            *comma = 0;
            comma = strrchr(out, ',');
        }
        if (!comma)
            break;
        (void)snprintf(comma, size - (size_t)(comma - out), ",+%zu", left_out);
    }
    return out;
}

/* Columns are as wide as what stands in them. */
enum column { ID, STATE, ROLE, WHO, HOSTS, NOTE, COLUMNS };

struct line {
    char hosts[WORDS], note[128], id[64];
    const char *cell[COLUMNS];
};

static void fill_line(struct line *line, json_object *row, bool several, int64_t now)
{
    line->note[0] = 0;
    say_note(line->note, sizeof(line->note), row, now);
    line->cell[ID] = show_id(line->id, row_string(row, "id"));
    line->cell[STATE] = show_state(row);
    line->cell[ROLE] = row_string(row, "role");
    line->cell[WHO] = row_string(row, "person");
    line->cell[HOSTS] = say_hosts(line->hosts, sizeof(line->hosts), row, several ? "on" : "hosts");
    line->cell[NOTE] = line->note;
}

static void widen(int width[COLUMNS], const char *const cell[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        size_t len = strlen(cell[i]);

        if (len < COLUMN_MAX && (int)len > width[i])
            width[i] = (int)len;
    }
}

static void say_line(FILE *to, const int width[COLUMNS], const char *const cell[COLUMNS])
{
    say(to, "%-*s  %-*s %-*s %-*s %-*s %s", width[ID], cell[ID], width[STATE], cell[STATE], width[ROLE],
        cell[ROLE], width[WHO], cell[WHO], width[HOSTS], cell[HOSTS], cell[NOTE]);
}

void show_list(FILE *to, json_object *rows, bool several, int64_t now)
{
    const char *const head[COLUMNS] = {"ID", "STATE", "ROLE", "WHO", several ? "SEEN ON" : "HOSTS", "LEFT"};
    size_t n = json_object_array_length(rows);
    int width[COLUMNS] = {0};
    struct line line;

    if (n == 0) {
        say(to, "nothing is asked for and nothing is open");
        return;
    }
    widen(width, head);
    for (size_t i = 0; i < n; i++) {
        fill_line(&line, json_object_array_get_idx(rows, i), several, now);
        widen(width, line.cell);
    }
    say_line(to, width, head);
    for (size_t i = 0; i < n; i++) {
        fill_line(&line, json_object_array_get_idx(rows, i), several, now);
        say_line(to, width, line.cell);
    }
}

void show_missing(FILE *to, json_object *grant)
{
    json_object *lines = row_array(grant, "lines"), *contacts = NULL;

    (void)json_object_object_get_ex(grant, "contacts", &contacts);
    for (size_t i = 0; lines && i < json_object_array_length(lines); i++) {
        json_object *line = json_object_array_get_idx(lines, i), *who = row_array(line, "who");
        int64_t lacks = row_number(line, "need") - row_number(line, "filled");

        if (lacks <= 0)
            continue;
        say(to, "  needs %lld more (%s), from:", (long long)lacks, row_string(line, "text"));
        for (size_t j = 0; who && j < json_object_array_length(who); j++) {
            json_object *name = json_object_array_get_idx(who, j);
            const char *person =
                json_object_is_type(name, json_type_string) ? json_object_get_string(name) : "?";

            say(to, "    %-12s %s", person, row_string(contacts, person));
        }
        if (!who || json_object_array_length(who) == 0)
            say(to, "    nobody who has a key today: the policy or signers must be mended");
    }
}

/* Of a review: what it says. */
static void say_verdict(FILE *to, json_object *st)
{
    const char *text = row_string(st, "text");
    struct bg_statement review = {0};

    if (strcmp(row_string(st, "kind"), "review") == 0 &&
        bg_statement_parse(&review, text, strlen(text), NULL) >= 0 && review.kind == BG_REVIEW)
        say(to, "               %s%s%s", review.flagged ? "flag" : "ok", review.note ? ": " : "",
            review.note ? review.note : "");
    bg_statement_free(&review);
}

static void say_statements(FILE *to, json_object *grant, int64_t now)
{
    json_object *all = row_array(grant, "statements");

    for (size_t i = 0; all && i < json_object_array_length(all); i++) {
        json_object *st = json_object_array_get_idx(all, i);
        const char *via = row_string(st, "via"), *why = row_string(st, "why");
        char when[SHOW_LEFT_SIZE];

        say(to, "  %-12s %-8s %-10s %s%s%s", show_clock(when, row_number(st, "time"), now),
            row_string(st, "kind"), row_string(st, "by"),
            row_flag(st, "valid") ? "verified " : "DOES NOT COUNT ", *via ? via : row_string(st, "key"),
            *via ? " (signed by the host)" : "");
        if (*why)
            say_folded(to, "               ", 62, why);
        say_verdict(to, st);
    }
}

static void say_sessions(FILE *to, json_object *grant, int64_t now)
{
    json_object *all = row_array(grant, "sessions_in");
    int64_t shown = all ? (int64_t)json_object_array_length(all) : 0,
            more = row_number(grant, "sessions") - shown;

    for (size_t i = 0; all && i < json_object_array_length(all); i++) {
        json_object *session = json_object_array_get_idx(all, i);
        char from[SHOW_LEFT_SIZE];

        say(to, "  in now: as %s from %s since %s", row_string(session, "account"),
            row_string(session, "rhost"), show_clock(from, row_number(session, "opened"), now));
    }
    if (shown > 0 && more > 0)
        say(to, "  in now: and %lld more", (long long)more);
}

void show_grant(FILE *to, json_object *grant, int64_t now)
{
    char id[64], words[WORDS], asked[SHOW_LEFT_SIZE], until[SHOW_LEFT_SIZE];
    char duration[BG_DURATION_SIZE];
    const struct window window = {row_number(grant, "opens"), row_number(grant, "ends"),
                                  row_number(grant, "duration")};

    bg_duration_format(duration, row_number(grant, "duration"));
    say(to, "%s  %s for %s: %s", show_id(id, row_string(grant, "id")), row_string(grant, "role"),
        row_string(grant, "person"), show_state(grant));
    say_folded(to, "  ", 76, row_string(grant, "sentence"));
    say(to, "  hosts        %s", row_joined(grant, "hosts", " ", words, sizeof(words)));
    say(to, "  accounts     %s", row_joined(grant, "accounts", " ", words, sizeof(words)));
    if (*row_joined(grant, "credentials", " ", words, sizeof(words)))
        say(to, "  credentials  %s", words);
    say(to, "  how long     %s, asked at %s UTC%s", duration,
        show_clock(asked, row_number(grant, "asked"), now), row_flag(grant, "drill") ? ", a drill" : "");
    say(to, "  reason       %s", row_string(grant, "reason"));
    if (*row_string(grant, "ticket"))
        say(to, "  ticket       %s", row_string(grant, "ticket"));
    if (row_number(grant, "opens"))
        say(to, "  open         %s", show_window(words, grant, &window, now));
    if (row_number(grant, "review_due"))
        say(to, "  review       due by %s UTC", show_clock(until, row_number(grant, "review_due"), now));
    if (strcmp(row_string(grant, "state"), "pending") == 0)
        show_missing(to, grant);
    say_statements(to, grant, now);
    say_sessions(to, grant, now);
}

void show_event(FILE *to, const char *host, json_object *event)
{
    char when[BG_TIME_SIZE];

    bg_time_format(when, row_number(event, "time"));
    when[10] = ' ';
    when[19] = 0;
    say(to, "%s%s%s  %-18s %s", host ? host : "", host ? " " : "", when, row_string(event, "event"),
        row_string(event, "message"));
}

static void say_words(FILE *to, const char *label, const struct bg_list *words)
{
    char *joined = bg_list_join(words);

    if (words->n && joined)
        say(to, "  %-12s %s", label, joined);
    free(joined);
}

const char *show_signer(char *out, size_t size, const struct bg_statement *request)
{
    const struct bg_list *hosts = &request->terms.hosts;
    const char *key = request->via ? strstr(request->via, " publickey ") : NULL;
    /* A host signs for itself alone. */
    const char *host = hosts->n == 1 ? hosts->v[0] : "";

    if (!request->via)
        (void)snprintf(out, size, "their own key");
    else
        (void)snprintf(out, size, "%s%s, which knew %s by %s%s", *host ? "host " : "a host", host,
                       request->by, key ? "the key " : "", key ? key + strlen(" publickey ") : request->via);
    return out;
}

void show_request(FILE *to, const struct bg_statement *request)
{
    char id[BG_ID_SIZE], shown[64], duration[BG_DURATION_SIZE], when[BG_TIME_SIZE], signer[WORDS];

    bg_id_from_digest(id, request->digest);
    bg_duration_format(duration, request->terms.duration);
    bg_time_format(when, request->time);
    say(to, "%s  %s for %s%s", show_id(shown, id), request->terms.role, request->by,
        request->drill ? " (a drill: nothing opens)" : "");
    say_words(to, "hosts", &request->terms.hosts);
    say_words(to, "accounts", &request->terms.accounts);
    say_words(to, "credentials", &request->terms.credentials);
    say(to, "  %-12s %s, from the moment when the last needed person agrees", "how long", duration);
    say(to, "  %-12s %s", "asked at", when);
    say(to, "  %-12s %s", "signed by", show_signer(signer, sizeof(signer), request));
    if (request->ticket)
        say(to, "  %-12s %s", "ticket", request->ticket);
    say(to, "  reason:");
    say_folded(to, "    ", 74, request->terms.reason);
}

void show_json(json_object *object)
{
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}
