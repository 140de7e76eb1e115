/* SPDX-License-Identifier: ISC */
/* Grants and statements as lines of text. */
#include "console/words/grant.h"

#include "policy/base/name.h"
#include "console/base/print.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 1024
#define HOSTS_MAX 14  /* columns, in a list */
#define COLUMN_MAX 40 /* a longer word stands out of its column */

const char *show_id(char out[SHOW_ID_SIZE], const char *id)
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

/* "denied" for a closed one that was denied. */
static const char *state_of(const struct bg_grant_row *row)
{
    const char *state = row->state, *closed_as = row->closed_as;

    if (strcmp(state, "closed") == 0 && *closed_as)
        return closed_as;
    if (strcmp(state, "open") == 0)
        return row->solo ? "OPEN solo!" : "OPEN";
    return state;
}

const char *show_about(char out[SHOW_LEFT_SIZE], int64_t seconds)
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
static void say_note(char *note, size_t size, const struct grants_row *one, int64_t now)
{
    const struct bg_grant_row *row = one->row;
    int64_t filled = 0, need = 0, due = one->review_due;
    char left[SHOW_LEFT_SIZE];

    for (size_t i = 0; i < row->lines.n; i++) {
        filled += row->lines.v[i].filled;
        need += row->lines.v[i].need;
    }
    if (strcmp(row->state, "open") == 0)
        text_append(note, size, "%s left", show_left(left, row->ends - now));
    else if (strcmp(row->state, "pending") == 0)
        text_append(note, size, "%lld of %lld, waits %s", (long long)filled, (long long)need,
                    show_about(left, now - row->requested));
    else if (strcmp(row->state, "early") == 0)
        text_append(note, size, "opens %s", show_clock(left, row->opens, now));
    else if (due && due <= now)
        text_append(note, size, "review overdue");
    else if (due)
        text_append(note, size, "review due %s", show_about(left, due - now));
    else if (*row->reviewed)
        text_append(note, size, strcmp(row->reviewed, "flag") == 0 ? "flagged" : "signed off");
    if (row->drill)
        text_append(note, size, "%sdrill", *note ? ", " : "");
}

/* "db1,db2", or "db1,+5" where they are many. */
static const char *say_hosts(char *out, size_t size, const struct bg_strings *hosts)
{
    (void)strings_join(hosts, ",", out, size);
    for (size_t left_out = 1; left_out < hosts->n && strlen(out) > HOSTS_MAX; left_out++) {
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

enum column { ID, STATE, ROLE, WHO, HOSTS, NOTE, COLUMNS };

/* to NULL: only makes the columns as wide as what stands in them. */
static void put_line(FILE *to, int width[COLUMNS], const char *const cell[COLUMNS])
{
    for (int i = 0; i < COLUMNS && !to; i++) {
        size_t len = strlen(cell[i]);

        if (len < COLUMN_MAX && (int)len > width[i])
            width[i] = (int)len;
    }
    if (to)
        say(to, "%-*s  %-*s %-*s %-*s %-*s %s", width[ID], cell[ID], width[STATE], cell[STATE], width[ROLE],
            cell[ROLE], width[WHO], cell[WHO], width[HOSTS], cell[HOSTS], cell[NOTE]);
}

void show_list(FILE *to, const struct grant_rows *grants, bool several, int64_t now)
{
    const char *const head[COLUMNS] = {"ID", "STATE", "ROLE", "WHO", several ? "SEEN ON" : "HOSTS", "LEFT"};
    int width[COLUMNS] = {0};

    if (grants->n == 0) {
        say(to, "no request is pending and no grant is open");
        return;
    }
    put_line(NULL, width, head);
    for (size_t i = 0; i < 2 * grants->n; i++) { /* once for the widths, once to be printed */
        const struct grants_row *one = &grants->v[i % grants->n];
        FILE *out = i < grants->n ? NULL : to;
        char id[64], hosts[WORDS], note[128] = "";

        say_note(note, sizeof note, one, now);
        if (i == grants->n)
            put_line(out, width, head);
        put_line(out, width,
                 (const char *const[COLUMNS]){
                     show_id(id, one->row->id), state_of(one->row), one->row->role, one->row->person,
                     say_hosts(hosts, sizeof hosts, several ? &one->on : &one->row->hosts), note});
    }
}

static const char *own_part(const struct bg_grant_row *row, const char *person)
{
    if (strcmp(row->person, person) == 0)
        return "; you requested it";
    return strings_has(&row->got, person) ? "; you approved it" : "";
}

void show_reviews(FILE *to, const struct grant_rows *waiting, const char *person, int64_t now)
{
    if (waiting->n == 0) {
        say(to, "nothing waits for a review");
        return;
    }
    say(to, "%-14s  %-16s %-10s %-16s %s", "ID", "ROLE", "WHO", "WAITS ON", "REVIEW");
    for (size_t i = 0; i < waiting->n; i++) {
        const struct grants_row *one = &waiting->v[i];
        char id[64], hosts[WORDS], due[SHOW_LEFT_SIZE];

        say(to, "%-14s  %-16s %-10s %-16s %s %s%s", show_id(id, one->row->id), one->row->role,
            one->row->person, strings_join(&one->review_on, ",", hosts, sizeof hosts),
            one->review_due <= now ? "OVERDUE since" : "by", show_clock(due, one->review_due, now),
            own_part(one->row, person));
    }
}

void show_event(FILE *to, const char *host, const struct bg_event_row *event)
{
    char when[BG_TIME_SIZE];

    bg_time_format(when, event->time);
    when[10] = ' ';
    when[19] = 0;
    say(to, "%s%s%s  %-18s %s", host ? host : "", host ? " " : "", when, event->event, event->message);
}
