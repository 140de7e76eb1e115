/* SPDX-License-Identifier: ISC */
/* Runs tests/statement/ *.case (tests/statement/README says how they are written): statements, good and bad,
 * are put to a host in a scratch folder, and each must come out with its sentence and its events. */
#include "tests/kit/cases.h"
#include "policy/intake/intake.h"
#include "tests/kit/scratch.h"
#include "policy/base/timestamp.h"
#include "policy/base/wire.h"
#include "policy/rules/load.h"

#include <ctype.h>
#include <errno.h>
#include <sodium.h>

#define MADE_MAX 80
#define BOOT "00000000-0000-0000-0000-00000000000a"
#define EVENTS_MAX 16

/* --- two requests under one ID: the linker puts this in place of bg_id_from_digest, since nobody can make
 * them --- */

static bool same_id;

void __real_bg_id_from_digest(char out[BG_ID_SIZE], const unsigned char digest[BG_DIGEST_BYTES]);
void __wrap_bg_id_from_digest(char out[BG_ID_SIZE], const unsigned char digest[BG_DIGEST_BYTES]);
void __wrap_bg_id_from_digest(char out[BG_ID_SIZE], const unsigned char digest[BG_DIGEST_BYTES])
{
    if (same_id)
        memcpy(out, "SAMESAMESAME", BG_ID_SIZE);
    else
        __real_bg_id_from_digest(out, digest);
}

/* --- a disk that takes nothing: the linker puts this in place of bg_store_put --- */

static int fault; /* what it gives; 0: it is well */

int __real_bg_store_put(const struct bg_store *store, const char *person, const char *id,
                        const struct bg_signed *s, bool *fallback);
int __wrap_bg_store_put(const struct bg_store *store, const char *person, const char *id,
                        const struct bg_signed *s, bool *fallback);
int __wrap_bg_store_put(const struct bg_store *store, const char *person, const char *id,
                        const struct bg_signed *s, bool *fallback)
{
    return fault ? fault : __real_bg_store_put(store, person, id, s, fallback);
}

static void set_fault(const char *name)
{
    static const struct {
        const char *name;
        int r;
    } faults[] = {{"none", 0},   {"ENOMEM", -ENOMEM}, {"ENOSPC", -ENOSPC}, {"EROFS", -EROFS},
                  {"EIO", -EIO}, {"EDQUOT", -EDQUOT}, {"EMFILE", -EMFILE}, {"ENFILE", -ENFILE}};

    for (size_t i = 0; i < BG_COUNT(faults); i++)
        if (strcmp(faults[i].name, name) == 0) {
            fault = faults[i].r;
            return;
        }
    CHECK(false, "no fault is called %s", name);
}

/* A statement by its name: text and, once signed, the signature. */
struct made {
    char name[32];
    char *text;
    size_t len;
    enum bg_kind kind;
    char by[65], via[65];
    bool is_signed;
    unsigned char sig[2 * BG_SSHSIG_BLOB_MAX];
    size_t sig_len;
};

struct scene {
    struct case_file c;
    struct scratch root;
    struct bg_store store;
    struct bg_host host;
    int64_t now;
    struct made made[MADE_MAX];
    size_t n_made;
    unsigned n_requests;

    /* What the last `take` gave. */
    bool taken;
    unsigned expected;
    struct bg_outcome outcome;
    char *events[EVENTS_MAX]; /* as bg_event_print has them */
    size_t n_events, seen;
};

#define FAIL(scene, ...) CASE_FAIL(&(scene)->c, __VA_ARGS__)

static struct made *find(struct scene *s, const char *name)
{
    for (size_t i = 0; i < s->n_made; i++)
        if (strcmp(s->made[i].name, name) == 0)
            return &s->made[i];
    FAIL(s, "no statement is called %s", name);
    return &s->made[0];
}

/* --- making --- */

static void set_request(struct scene *s, struct bg_statement *st, struct words *w)
{
    const char *via = case_word(w, "via", NULL), *ticket = case_word(w, "ticket", NULL);

    CHECK(bg_statement_nonce(st) == 0, "no nonce");
    (void)snprintf(st->nonce, 33, "%032x", (unsigned)atoi(case_word(w, "nonce", "0")));
    case_set(&st->terms.role, "prod-db-admin");
    case_set_list(&st->terms.hosts, "db1.prod");
    case_set_list(&st->terms.accounts, "postgres,root");
    case_set(&st->terms.reason, "disk full");
    st->terms.duration = 1800;
    case_set_terms(&s->c, &st->terms, w);
    st->via = via ? strdup(via) : NULL;
    st->ticket = ticket ? strdup(ticket) : NULL;
    st->drill = strcmp(case_word(w, "drill", "no"), "yes") == 0;
    s->n_requests++;
}

static void set_said(struct scene *s, struct bg_statement *st, struct words *w)
{
    const struct made *of = find(s, case_word(w, "of", "request"));
    const char *value;
    struct bg_statement request;

    CHECK(bg_statement_parse(&request, of->text, of->len, NULL) == 0, "%s:%u: %s is no good request",
          s->c.file, s->c.line, of->name);
    memcpy(st->request, request.digest, sizeof st->request);
    if (st->kind == BG_APPROVE) {
        CHECK(bg_statement_approve(st, &request) == 0, "out of memory");
        case_set_terms(&s->c, &st->terms, w);
        if ((value = case_word(w, "person", NULL)))
            case_set(&st->for_person, value);
    } else if (st->kind == BG_CLOSE) {
        st->reason = strdup(case_word(w, "reason", "urgent"));
        st->via = (value = case_word(w, "via", NULL)) ? strdup(value) : NULL;
    } else {
        st->flagged = strcmp(case_word(w, "verdict", "ok"), "flag") == 0;
        st->note = (value = case_word(w, "note", NULL)) ? strdup(value) : NULL;
    }
    bg_statement_free(&request);
}

/* KIND NAME KEY=VALUE… */
static void make(struct scene *s, enum bg_kind kind, char *words)
{
    char *rest = words + strcspn(words, " ");
    struct bg_statement st = {.kind = kind};
    struct bg_sentence err = {""};
    struct made *m = &s->made[s->n_made];
    struct words w;

    CHECK(s->n_made < MADE_MAX, "too many statements");
    if (*rest)
        *rest++ = '\0';
    case_split(&s->c, &w, rest);
    if (kind == BG_REQUEST)
        set_request(s, &st, &w);
    else
        set_said(s, &st, &w);
    st.time = world_time(case_word(&w, "at", "14:00"));
    st.by = strdup(case_word(&w, "by", kind == BG_REQUEST ? "bob" : "alice"));
    for (size_t i = 0; i < w.n; i++)
        if (!w.used[i])
            FAIL(s, "%s=: not known here", w.key[i]);
    *m = (struct made){.kind = kind};
    (void)snprintf(m->name, sizeof m->name, "%s", words);
    (void)snprintf(m->by, sizeof m->by, "%s", st.by);
    (void)snprintf(m->via, sizeof m->via, "%s", st.via ? st.via : "");
    if (bg_statement_print(&st, &err) < 0) {
        FAIL(s, "%s", err.text);
        bg_statement_free(&st);
        return;
    }
    m->len = st.text_len;
    m->text = malloc(m->len);
    CHECK(m->text, "out of memory");
    memcpy(m->text, st.text, m->len);
    bg_statement_free(&st);
    s->n_made++;
}

/* --- changing --- */

/* Turns \n \r \t \0 \xHH into bytes, and {TEXT*N} into TEXT, N times. */
static char *unescape(const char *in, size_t *len)
{
    char *out = NULL;
    FILE *f = open_memstream(&out, len);

    CHECK(f, "out of memory");
    while (*in) {
        char word[32];
        unsigned n;
        int used = 0;
        if (sscanf(in, "{%31[^*]*%u}%n", word, &n, &used) == 2 && used > 0) {
            while (n--)
                (void)fputs(word, f);
            in += used;
        } else if (in[0] == '\\' && in[1] == 'x' && sscanf(in + 2, "%2x", &n) == 1) {
            (void)fputc((int)n, f);
            in += 4;
        } else if (in[0] == '\\' && in[1]) {
            (void)fputc(in[1] == 'n'   ? '\n'
                        : in[1] == 'r' ? '\r'
                        : in[1] == 't' ? '\t'
                        : in[1] == '0' ? '\0'
                                       : in[1],
                        f);
            in += 2;
        } else
            (void)fputc(*in++, f);
    }
    CHECK(fclose(f) == 0, "out of memory");
    return out;
}

static void replace(struct scene *s, struct made *m, const char *old, size_t old_len, const char *new,
                    size_t new_len)
{
    char *at = memmem(m->text, m->len, old, old_len), *out;
    size_t before;

    if (!at) {
        FAIL(s, "%s does not hold that", m->name);
        return;
    }
    before = (size_t)(at - m->text);
    out = malloc(m->len - old_len + new_len + 1);
    CHECK(out, "out of memory");
    memcpy(out, m->text, before);
    memcpy(out + before, new, new_len);
    memcpy(out + before + new_len, at + old_len, m->len - before - old_len);
    m->len += new_len;
    m->len -= old_len;
    free(m->text);
    m->text = out;
}

/* change NAME OLD => NEW */
static void change(struct scene *s, struct made *m, char *words)
{
    char *arrow = strstr(words, " =>");
    bg_free_ char *old = NULL, *new = NULL;
    size_t old_len, new_len;

    if (!arrow) {
        FAIL(s, "expected OLD => NEW");
        return;
    }
    *arrow = '\0';
    old = unescape(words, &old_len);
    new = unescape(arrow[3] ? arrow + 4 : "", &new_len);
    replace(s, m, old, old_len, new, new_len);
}

static void add(struct made *m, const char *words)
{
    size_t len;
    bg_free_ char *more = unescape(words, &len);
    char *out = realloc(m->text, m->len + len + 1);

    CHECK(out, "out of memory");
    memcpy(out + m->len, more, len);
    m->text = out;
    m->len += len;
}

/* --- signing --- */

/* A signature as an RSA key makes it; nothing here gets as far as its numbers. */
static void sign_rsa(struct made *m, const char *name_space)
{
    unsigned char key[400], inner[400], number[256];
    struct bg_wire_out k = {.p = key, .size = sizeof key}, i = {.p = inner, .size = sizeof inner};
    struct bg_wire_out w = {.p = m->sig, .size = sizeof m->sig};

    memset(number, 0x5a, sizeof number);
    (void)bg_wire_put_string(&k, "ssh-rsa", 7);
    (void)bg_wire_put_string(&k, "\1\0\1", 3);
    (void)bg_wire_put_string(&k, number, sizeof number);
    (void)bg_wire_put_string(&i, "rsa-sha2-512", 12);
    (void)bg_wire_put_string(&i, number, sizeof number);
    (void)bg_wire_put(&w, "SSHSIG", 6);
    (void)bg_wire_put_u32(&w, 1);
    (void)bg_wire_put_string(&w, key, k.len);
    (void)bg_wire_put_string(&w, name_space, strlen(name_space));
    (void)bg_wire_put_string(&w, "", 0);
    (void)bg_wire_put_string(&w, "sha512", 6);
    (void)bg_wire_put_string(&w, inner, i.len);
    m->sig_len = w.len;
}

static void sign(struct scene *s, struct made *m, char *words)
{
    const char *key, *name_space, *present, *verified;
    char host_key[300];
    struct words w;

    (void)snprintf(host_key, sizeof host_key, "host:%s", s->host.name);
    case_split(&s->c, &w, words);
    key = case_word(&w, "key", m->via[0] ? host_key : m->by);
    name_space = case_word(&w, "namespace", m->via[0] ? "breakglass-host" : "breakglass");
    present = case_word(&w, "present", "yes");
    verified = case_word(&w, "verified", "yes");
    for (size_t i = 0; i < w.n; i++)
        if (!w.used[i])
            FAIL(s, "%s=: not known here", w.key[i]);
    struct world_pen pen = {.key = key,
                            .name_space = name_space,
                            .flags = (unsigned char)((strcmp(present, "yes") == 0 ? 1 : 0) |
                                                     (strcmp(verified, "yes") == 0 ? 4 : 0))};
    if (strcmp(key, "rsa") == 0)
        sign_rsa(m, name_space);
    else
        world_sign_text(m->sig, &m->sig_len, &pen, m->text, m->len);
    m->is_signed = true;
}

/* sig-cut NAME N: only the first N bytes. sig-add NAME TEXT. sig-byte NAME OFFSET HEX. sig-from NAME OTHER.
 */
static bool spoil(struct scene *s, const char *verb, struct made *m, const char *words)
{
    unsigned a = 0, b = 0;

    if (strncmp(verb, "sig-", 4) != 0)
        return false;
    if (!m->is_signed)
        sign(s, m, (char[]){""});
    if (strcmp(verb, "sig-cut") == 0 && sscanf(words, "%u", &a) == 1 && a <= m->sig_len)
        m->sig_len = a;
    else if (strcmp(verb, "sig-byte") == 0 && sscanf(words, "%u %x", &a, &b) == 2 && a < m->sig_len)
        m->sig[a] = (unsigned char)b;
    else if (strcmp(verb, "sig-from") == 0) {
        const struct made *other = find(s, words);
        memcpy(m->sig, other->sig, sizeof m->sig);
        m->sig_len = other->sig_len;
    } else if (strcmp(verb, "sig-add") == 0) {
        size_t len;
        bg_free_ char *more = unescape(words, &len);
        CHECK(m->sig_len + len <= sizeof m->sig, "too long a signature");
        memcpy(m->sig + m->sig_len, more, len);
        m->sig_len += len;
    } else
        return false;
    return true;
}

/* --- taking in --- */

static void keep_event(const struct bg_event *event, void *arg)
{
    struct scene *s = arg;

    CHECK(s->n_events < EVENTS_MAX, "too many events");
    s->events[s->n_events++] = bg_event_print(event);
}

static void forget(struct scene *s)
{
    if (s->taken && s->seen < s->n_events)
        FAIL(s, "the case does not mention this event before here:\n%s", s->events[s->seen]);
    for (size_t i = 0; i < s->n_events; i++)
        free(s->events[i]);
    s->n_events = s->seen = 0;
    s->taken = false;
}

/* Puts a statement, or (with none) starts again as a broker does. */
static int run_intake(struct scene *s, const struct made *m)
{
    struct bg_site site = {.root = s->store.root,
                           .store = s->store,
                           .host = s->host,
                           .has_host = true,
                           .locked = bg_site_is_locked(&s->store.root)};
    struct bg_intake in = {.site = &site,
                           .clock = {.wall = s->now, .since_boot = s->now, .boot = BOOT},
                           .event = keep_event,
                           .arg = s};
    int r;

    bg_policy_begin(&site.policy);
    CHECK(bg_policy_add(&site.policy, "policy.conf", s->c.policy, strlen(s->c.policy)) == 0, "out of memory");
    CHECK(bg_policy_settle(&site.policy) == 0, "out of memory");
    CHECK(bg_signers_parse(&site.signers, "signers", s->c.signers, strlen(s->c.signers)) == 0,
          "out of memory");
    bg_signers_settle(&site.signers);
    r = m ? bg_intake_one(&in, m->text, m->len, m->sig, m->sig_len, &s->outcome) : bg_intake_waiting(&in);
    bg_site_free(&site);
    return r;
}

static void take(struct scene *s, struct made *m)
{
    int r;

    forget(s);
    if (!m->is_signed)
        sign(s, m, (char[]){""});
    r = run_intake(s, m);
    if ((r < 0) != (s->outcome.taken == BG_TAKEN_REFUSED))
        FAIL(s, "%d was given back, and that is not what the outcome says", r);
    if (s->outcome.taken == BG_TAKEN_REFUSED && s->n_events != 1)
        FAIL(s, "a refusal made %zu events, not one", s->n_events);
    if (s->outcome.sentence.text[0] == '\0')
        FAIL(s, "there is no sentence");
    s->taken = true;
}

/* early NAME: it waits, though its request may be here: a broker was killed before it looked. stored NAME: a
 * request that is in the store, whatever is there besides. */
static void put_directly(struct scene *s, struct made *m, bool early)
{
    struct bg_signed signed_one = {0};
    char id[BG_ID_SIZE];

    if (!m->is_signed)
        sign(s, m, (char[]){""});
    CHECK(bg_statement_parse(&signed_one.st, m->text, m->len, NULL) == 0, "%s does not parse", m->name);
    memcpy(signed_one.blob, m->sig, m->sig_len);
    signed_one.blob_len = m->sig_len;
    bg_id_from_digest(id, signed_one.st.digest);
    CHECK((early ? bg_store_put_early(&s->store, m->by, &signed_one)
                 : bg_store_put(&s->store, m->by, id, &signed_one, NULL)) == 0,
          "%s is not kept", m->name);
    bg_statement_free(&signed_one.st);
}

/* flood N: N good requests of bob, with a nonce each. flood-early N: N approvals by alice of what is not
 * here. */
static void flood(struct scene *s, unsigned n, bool early)
{
    for (unsigned i = 0; i < n; i++) {
        char words[64];
        if (early)
            (void)snprintf(words, sizeof words, "flood%u at=14:01:%02u of=%s", i, i % 60,
                           i < 60 ? "request" : "other");
        else
            (void)snprintf(words, sizeof words, "flood%u nonce=%u", i, 1000 + i);
        make(s, early ? BG_APPROVE : BG_REQUEST, words);
        take(s, &s->made[s->n_made - 1]);
        if (s->outcome.taken != (early ? BG_TAKEN_WAITING : BG_TAKEN_NEW))
            FAIL(s, "statement %u: %s", i, s->outcome.sentence.text);
        s->seen = s->n_events;
        forget(s);
    }
}

/* --- what must come out --- */

/* "{request}" in an expected text is that statement's ID as shown, "{=request}" as the store has it. */
static char *with_ids(struct scene *s, const char *text)
{
    char *out = NULL;
    size_t len;
    FILE *f = open_memstream(&out, &len);

    CHECK(f, "out of memory");
    while (*text) {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        char name[32], id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];
        unsigned char digest[BG_DIGEST_BYTES];
        if (!end || end - text > 30) {
            (void)fputc(*text++, f);
            continue;
        }
        bool plain = text[1] == '=';
        (void)snprintf(name, sizeof name, "%.*s", (int)(end - text - 1 - plain), text + 1 + plain);
        const struct made *m = find(s, name);
        crypto_hash_sha256(digest, (const unsigned char *)m->text, m->len);
        bg_id_from_digest(id, digest);
        bg_id_show(shown, id);
        (void)fputs(plain ? id : shown, f);
        text = end + 1;
    }
    CHECK(fclose(f) == 0, "out of memory");
    return out;
}

static const char *taken_name(enum bg_taken taken)
{
    static const char *const names[] = {[BG_TAKEN_REFUSED] = "refused",
                                        [BG_TAKEN_NEW] = "new",
                                        [BG_TAKEN_KNOWN] = "known",
                                        [BG_TAKEN_WAITING] = "waiting"};

    return names[taken];
}

static void same(struct scene *s, const char *what, const char *expected, const char *got)
{
    if (strcmp(expected, got) != 0)
        FAIL(s, "%s: expected\n  %s\ngot\n  %s", what, expected, got);
}

/* event NAME [FIELD=value]…: the next one. */
static void expect_event(struct scene *s, char *words)
{
    bg_free_ char *copy = NULL;
    struct bg_event event;
    char *rest = words + strcspn(words, " ");
    struct words w;

    if (s->seen >= s->n_events) {
        FAIL(s, "there was no event here");
        return;
    }
    if (*rest)
        *rest++ = '\0';
    copy = strdup(s->events[s->seen++]);
    CHECK(copy && bg_event_parse(&event, copy) == 0, "an event that does not parse: %s",
          s->events[s->seen - 1]);
    same(s, "event", words, bg_event_name(event.id));
    case_split(&s->c, &w, rest);
    for (size_t i = 0; i < w.n; i++) {
        const char *got = NULL;
        if (strcmp(w.key[i], "ALERT") == 0)
            got = event.alert ? "yes" : "no";
        for (int f = 0; f < BG_FIELD_COUNT; f++)
            if (strcmp(bg_field_name((enum bg_field)f), w.key[i]) == 0)
                got = event.field[f] ? event.field[f] : "-";
        bg_free_ char *expected = with_ids(s, w.value[i]);
        same(s, w.key[i], expected, got ? got : "(no such field)");
    }
    if (event.id == BG_EVENT_STATEMENT_REJECTED && s->outcome.taken == BG_TAKEN_REFUSED)
        same(s, "WHY", s->outcome.sentence.text, event.field[BG_FIELD_WHY] ? event.field[BG_FIELD_WHY] : "");
}

static bool take_expectation(struct scene *s, const char *verb, char *words)
{
    bg_free_ char *expected = NULL;

    if (!s->taken)
        return false;
    s->expected++;
    expected = with_ids(s, words);
    if (strcmp(verb, "sentence") == 0)
        same(s, "sentence", expected, s->outcome.sentence.text);
    else if (strcmp(verb, "state") == 0)
        same(s, "state", expected, bg_state_name(s->outcome.state));
    else if (strcmp(verb, "event") == 0)
        expect_event(s, words);
    else
        return false;
    return true;
}

/* --- the lines of a case --- */

/* mark closed NAME [PERSON], mark over NAME TIME, archive NAME, disk full|well */
static bool take_store(struct scene *s, const char *verb, char *words)
{
    char *save = NULL, *what, *name, *time;
    bg_free_ char *id = NULL;
    char placeholder[64];
    int r = -EINVAL;

    if (strcmp(verb, "disk") != 0 && strcmp(verb, "mark") != 0 && strcmp(verb, "archive") != 0)
        return false;
    what = strtok_r(words, " ", &save);
    name = strtok_r(NULL, " ", &save);
    time = strtok_r(NULL, " ", &save);
    if (strcmp(verb, "disk") == 0 && what) { /* in the way of every writer */
        const char *from = strcmp(what, "full") == 0 ? "var/lib/breakglass" : "var/lib/away";
        const char *to = strcmp(what, "full") == 0 ? "var/lib/away" : "var/lib/breakglass";
        CHECK(rename(scratch_path(&s->root, from), scratch_path(&s->root, to)) == 0, "%s: no rename", from);
        return true;
    }
    if (strcmp(verb, "archive") == 0)
        name = what;
    (void)snprintf(placeholder, sizeof placeholder, "{=%s}", name ? name : "");
    id = with_ids(s, placeholder);
    if (strcmp(verb, "archive") == 0)
        r = bg_store_archive(&s->store, "bob", id);
    else if (what && strcmp(what, "closed") == 0)
        r = bg_store_mark_closed(&s->store, time ? time : "bob", id);
    else if (what && time)
        r = bg_store_mark_expired(&s->store, "bob", id, world_time(time));
    CHECK(r == 0, "%s:%u: %s", s->c.file, s->c.line, strerror(-r));
    return true;
}

static bool take_world(struct scene *s, const char *verb, char *words)
{
    unsigned char secret[64];

    if (strcmp(verb, "now") == 0)
        s->now = world_time(words);
    else if (strcmp(verb, "host") == 0) {
        char name[300];
        (void)snprintf(s->host.name, sizeof s->host.name, "%s", words);
        (void)snprintf(name, sizeof name, "host:%s", words);
        world_key(&s->host.key, secret, name);
    } else if (strcmp(verb, "locked") == 0) {
        CHECK(scratch_folder(&s->root, "etc/breakglass") == 0 &&
                  scratch_write(&s->root, "etc/breakglass/locked", "") == 0,
              "no scratch");
    } else if (strcmp(verb, "flood") == 0 || strcmp(verb, "flood-early") == 0)
        flood(s, (unsigned)atoi(words), strcmp(verb, "flood-early") == 0);
    else
        return false;
    return true;
}

/* take NAME WHAT */
static void take_and_expect(struct scene *s, char *words)
{
    char *what = words + strcspn(words, " ");

    if (*what)
        *what++ = '\0';
    take(s, find(s, words));
    s->expected++;
    same(s, "taken", what, taken_name(s->outcome.taken));
    if (getenv("BREAKGLASS_SHOW"))
        printf("  %s: %s\n", s->c.file, s->outcome.sentence.text);
}

static bool take_change(struct scene *s, const char *verb, char *words)
{
    char *rest = words + strcspn(words, " ");
    struct made *m;

    if (strcmp(verb, "change") != 0 && strcmp(verb, "add") != 0 && strcmp(verb, "cut") != 0 &&
        strcmp(verb, "sign") != 0 && strncmp(verb, "sig-", 4) != 0)
        return false;
    if (*rest)
        *rest++ = '\0';
    m = find(s, words);
    if (strcmp(verb, "change") == 0)
        change(s, m, rest);
    else if (strcmp(verb, "add") == 0)
        add(m, rest);
    else if (strcmp(verb, "cut") == 0 && (size_t)atoi(rest) < m->len)
        m->len = (size_t)atoi(rest);
    else if (strcmp(verb, "sign") == 0)
        sign(s, m, rest);
    else
        return spoil(s, verb, m, rest);
    return true;
}

static void take_line(struct scene *s, char *line)
{
    char *words = case_words(line);
    int kind;

    if (!words)
        return;
    kind = bg_kind_parse(line);
    if (kind >= 0)
        make(s, (enum bg_kind)kind, words);
    else if (strcmp(line, "take") == 0)
        take_and_expect(s, words);
    else if (strcmp(line, "same-id") == 0)
        same_id = true;
    else if (strcmp(line, "early") == 0 || strcmp(line, "stored") == 0)
        put_directly(s, find(s, words), strcmp(line, "early") == 0);
    else if (strcmp(line, "fault") == 0)
        set_fault(words);
    else if (strcmp(line, "restart") == 0) {
        forget(s);
        CHECK(run_intake(s, NULL) == 0, "%s:%u: no restart", s->c.file, s->c.line);
        s->taken = true;
    } else if (!take_change(s, line, words) && !take_store(s, line, words) &&
               !case_take_text(&s->c, line, words) && !take_world(s, line, words) &&
               !take_expectation(s, line, words))
        FAIL(s, "%s: not known", line);
}

static void begin(struct scene *s, const char *file)
{
    *s = (struct scene){.now = world_time("14:10")};
    same_id = false;
    fault = 0;
    case_begin(&s->c, file);
    CHECK(scratch_make(&s->root) == 0 && scratch_folder(&s->root, "var/lib/breakglass") == 0,
          "no scratch folder");
    s->store.root = s->root.root;
    s->host.has_key = true;
    (void)take_world(s, "host", (char[]){"db1.prod"});
}

static bool run(const char *file)
{
    static struct scene s; /* too large for the stack */
    bg_free_ char *text = case_read("statement", file);
    char *line = text;

    begin(&s, file);
    while (line) {
        char *newline = strchr(line, '\n');
        s.c.line++;
        if (newline)
            *newline = '\0';
        take_line(&s, line);
        line = newline ? newline + 1 : NULL;
    }
    forget(&s);
    if (s.expected == 0)
        FAIL(&s, "expects nothing");
    for (size_t i = 0; i < s.n_made; i++)
        free(s.made[i].text);
    case_end(&s.c);
    scratch_drop(&s.root);
    return !s.c.failed;
}

int main(int argc, char **argv)
{
    return case_main(argc, argv, "statement", run);
}
