/* A host on a scratch folder for tests of the gate: policy, signers, people with symbolic keys, grants. bob
 * may get root and postgres on db1 when alice and dave approve; "backup" is a machine's standing access to
 * postgres. */
#pragma once

#include "tests/kit/actors.h"
#include "tests/kit/scratch.h"
#include "policy/store/store.h"
#include "policy/base/timestamp.h"

struct stage {
    struct scratch s;
    struct bg_store store;
    int64_t now;
    unsigned nonce;
};

static inline void stage_must(bool yes, const char *what)
{
    if (!yes) {
        fprintf(stderr, "stage: %s\n", what);
        abort();
    }
}

static const char stage_policy[] = "[Defaults]\n"
                                   "MaxDuration=1h\n"
                                   "Administrators=frank\n"
                                   "\n"
                                   "[Role prod-db-admin]\n"
                                   "Description=Superuser on the databases\n"
                                   "Requesters=bob\n"
                                   "Approve=1 of alice\n"
                                   "Approve=1 of dave\n"
                                   "Hosts=db*\n"
                                   "Accounts=root postgres\n"
                                   "\n"
                                   "[Automation backup]\n"
                                   "Accounts=postgres\n"
                                   "Hosts=db1\n";

static inline void stage_write(const struct stage *st, const char *path, const char *text)
{
    stage_must(scratch_write(&st->s, path, text) == 0, path);
}

/* The key of an actor as sshd writes it, "publickey TYPE BASE64"; in one of four buffers that take turns. */
static inline const char *stage_key(const char *actor)
{
    static char texts[4][512];
    static unsigned turn;
    char public[400], *out = texts[turn++ % 4];
    struct actor a;

    actor_make(&a, actor);
    actor_public(&a, public, sizeof public);
    (void)snprintf(out, sizeof texts[0], "publickey %s", public);
    return out;
}

static inline void stage_enrol(FILE *to, const char *name, const char *actor, const char *namespaces)
{
    fprintf(to, "%s namespaces=\"%s\" %s\n", name, namespaces, stage_key(actor) + strlen("publickey "));
}

static inline void stage_signers(const struct stage *st)
{
    static const char *const people[] = {"alice", "bob", "dave", "frank", "grace", NULL};
    FILE *to = fopen(scratch_path(&st->s, "etc/breakglass/signers"), "we");

    stage_must(to != NULL, "signers");
    for (size_t i = 0; people[i]; i++)
        stage_enrol(to, people[i], people[i], "breakglass,breakglass-login");
    stage_enrol(to, "bob", "bob/2", "breakglass-login");
    stage_enrol(to, "backup", "backup", "breakglass-automation");
    stage_enrol(to, "idle", "idle", "breakglass-automation");
    stage_enrol(to, "bob", "bob's machine", "breakglass-automation");
    stage_enrol(to, "grace", "shared", "breakglass-login");
    stage_enrol(to, "alice", "shared", "breakglass-login");
    stage_enrol(to, "host:db2", "db2", "breakglass-host");
    stage_must(fclose(to) == 0, "signers");
}

static inline void stage_open_in(struct stage *st, const char *parent)
{
    static const char *const folders[] = {"etc/breakglass", "etc/pam.d", "var/lib/breakglass",
                                          "run/breakglass", "dev",       NULL};

    *st = (struct stage){.now = bg_now()};
    (void)umask(022);
    stage_must(sodium_init() >= 0 && scratch_make_in(&st->s, parent) == 0, "scratch folder");
    st->store.root = st->s.root;
    for (size_t i = 0; folders[i]; i++)
        stage_must(scratch_folder(&st->s, folders[i]) == 0, folders[i]);
    stage_write(st, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    stage_write(st, "etc/breakglass/host", "name: db1\nmachine-id: 0123456789abcdef0123456789abcdef\n");
    stage_write(st, "etc/breakglass/policy.conf", stage_policy);
    stage_signers(st);
}

static inline void stage_open(struct stage *st)
{
    stage_open_in(st, "/tmp");
}

static inline void stage_close(struct stage *st)
{
    scratch_drop(&st->s);
}

static inline void stage_sign(struct bg_signed *s)
{
    struct actor a;

    stage_must(bg_statement_print(&s->st, NULL) == 0, "statement");
    actor_make(&a, s->st.by);
    actor_sign(&a, "breakglass", 0, s->st.text, s->st.text_len, s->blob, &s->blob_len);
    stage_must(bg_sshsig_parse(&s->sig, s->blob, s->blob_len, NULL) == 0, "signature");
}

static inline void stage_put(const struct stage *st, const struct bg_signed *request,
                             const struct bg_signed *s)
{
    char id[BG_ID_SIZE];

    bg_id_from_digest(id, request->st.digest);
    stage_must(bg_store_put(&st->store, request->st.by, id, s, NULL) == 0, "store");
}

/* A request for these accounts, stored; the caller frees it. */
static inline struct bg_signed *stage_ask_as(struct stage *st, const char *by, const char *host,
                                             const char *accounts, int64_t time, int64_t duration, bool drill)
{
    struct bg_signed *s = calloc(1, sizeof *s);
    char nonce[33];

    stage_must(s != NULL, "memory");
    (void)snprintf(nonce, sizeof nonce, "%032x", ++st->nonce);
    s->st = (struct bg_statement){
        .kind = BG_REQUEST, .time = time, .by = strdup(by), .nonce = strdup(nonce), .drill = drill};
    s->st.terms.role = strdup("prod-db-admin");
    s->st.terms.duration = duration;
    s->st.terms.reason = strdup("primary disk full");
    stage_must(bg_list_split(&s->st.terms.hosts, host) == 0 &&
                   bg_list_split(&s->st.terms.accounts, accounts) == 0,
               "lists");
    stage_sign(s);
    stage_put(st, s, s);
    return s;
}

/* bob's, on this host. */
static inline struct bg_signed *stage_ask(struct stage *st, const char *accounts, int64_t time,
                                          int64_t duration)
{
    return stage_ask_as(st, "bob", "db1", accounts, time, duration, false);
}

static inline void stage_approve(const struct stage *st, const struct bg_signed *request, const char *by,
                                 int64_t time)
{
    struct bg_signed *s = calloc(1, sizeof *s);

    stage_must(s && bg_statement_approve(&s->st, &request->st) == 0, "approval");
    s->st.by = strdup(by);
    s->st.time = time;
    stage_sign(s);
    stage_put(st, request, s);
    bg_signed_free(s);
}

static inline void stage_say_close(const struct stage *st, const struct bg_signed *request, const char *by,
                                   int64_t time)
{
    struct bg_signed *s = calloc(1, sizeof *s);

    stage_must(s != NULL, "memory");
    s->st =
        (struct bg_statement){.kind = BG_CLOSE, .time = time, .by = strdup(by), .reason = strdup("urgent")};
    memcpy(s->st.request, request->st.digest, BG_DIGEST_BYTES);
    stage_sign(s);
    stage_put(st, request, s);
    bg_signed_free(s);
}

/* A grant of bob's that both approved a minute ago; gives its ID. */
static inline void stage_grant(struct stage *st, const char *accounts, int64_t duration, char id[BG_ID_SIZE])
{
    struct bg_signed *request = stage_ask(st, accounts, st->now - 120, duration);

    stage_approve(st, request, "alice", st->now - 90);
    stage_approve(st, request, "dave", st->now - 60);
    bg_id_from_digest(id, request->st.digest);
    bg_signed_free(request);
}
