/* SPDX-License-Identifier: ISC */
/* The host of a case as files: what decide is given as values stands in the store. */
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"
#include "policy/store/store.h"
#include "tests/unit/admission/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MACHINE_ID "0123456789abcdef0123456789abcdef"

static void must_write(const struct scratch *host, const char *path, const char *text)
{
    CHECK(scratch_write(host, path, text) == 0, "cannot write %s", path);
}

char *gate_key_text(const char *person)
{
    bg_free_ char *name = NULL;

    CHECK(asprintf(&name, "%s at the gate", person) >= 0, "out of memory");
    return world_key_text(name);
}

static void write_rules(const struct scratch *host, const struct scene *scene)
{
    bg_free_ char *name = NULL, *key_name = NULL, *key = NULL, *signer = NULL, *gate_key = NULL;

    must_write(host, "etc/machine-id", MACHINE_ID "\n");
    if (scene->host) {
        CHECK(asprintf(&name, "name: %s\nmachine-id: " MACHINE_ID "\n", scene->host) >= 0 &&
                  asprintf(&key_name, "host:%s", scene->host) >= 0,
              "out of memory");
        key = world_key_text(key_name);
        must_write(host, BG_ETC "/host", name);
        if (!scene->no_host_key)
            must_write(host, BG_ETC "/host.key.pub", key);
    }
    must_write(host, BG_ETC "/policy.conf", scene->c.policy);
    must_write(host, BG_ETC "/signers", scene->c.signers);
    gate_key = gate_key_text(scene->person);
    CHECK(asprintf(&signer, "%s namespaces=\"breakglass-login\" %s\n", scene->person, gate_key) >= 0,
          "out of memory");
    must_write(host, BG_ETC "/signers.d/gate.conf", signer);
    if (scene->locked)
        must_write(host, BG_ETC "/locked", "");
}

/* --- statements and marks --- */

static void put(const struct bg_store *store, const struct bg_signed *request, const struct bg_signed *s)
{
    struct bg_signed cut = *s;
    char id[BG_ID_SIZE];

    if (cut.malformed_sig)
        cut.blob_len /= 2;
    bg_id_from_digest(id, request->st.digest);
    int r = bg_store_put(store, request->st.by, id, &cut, NULL);
    CHECK(r == 0 || r == -EEXIST, "cannot store a statement: %s", strerrordesc_np(-r));
}

/* The request that a statement is about. */
static const struct bg_signed *about(const struct scene *scene, const struct bg_signed *said)
{
    for (size_t i = 0; i < scene->n_requests; i++)
        if (memcmp(scene->requests[i]->st.digest, said->st.request, BG_DIGEST_BYTES) == 0)
            return scene->requests[i];
    return NULL;
}

static void put_marks(const struct bg_store *store, const struct scene *scene, size_t i)
{
    const struct scene_marks *marks = &scene->marks[i];
    const char *person = scene->requests[i]->st.by;
    struct bg_clock opened = marks->opened, here;
    char id[BG_ID_SIZE];

    bg_id_from_digest(id, scene->requests[i]->st.digest);
    if (marks->closed)
        CHECK(bg_store_mark_closed(store, person, id) == 0, "cannot mark it closed");
    if (marks->expired)
        CHECK(bg_store_mark_expired(store, person, id, marks->expired_time) == 0, "cannot mark it expired");
    if (opened.wall == 0)
        return;
    /* The boot of the case's `now` is the one that this machine is in. */
    if (strcmp(opened.boot, scene->clock.boot) == 0) {
        bg_clock_read(&here);
        memcpy(opened.boot, here.boot, sizeof opened.boot);
    }
    CHECK(bg_store_mark_opened(store, person, id, &opened) == 0, "cannot mark it opened");
}

static bool is_unstored(const struct bg_list *edits, size_t number)
{
    char edit[64];

    (void)snprintf(edit, sizeof edit, "unstored %zu", number);
    return bg_list_has(edits, edit);
}

static void put_statements(const struct scratch *host, const struct scene *scene, const struct bg_list *edits)
{
    struct bg_store store = {.root = host->root};

    for (size_t i = 0; i < scene->n_requests; i++)
        if (!is_unstored(edits, i + 1)) {
            put(&store, scene->requests[i], scene->requests[i]);
            put_marks(&store, scene, i);
        }
    for (size_t i = 0; i < scene->n_responses; i++) {
        const struct bg_signed *request = about(scene, scene->said[i]);
        if (request)
            put(&store, request, scene->said[i]);
    }
}

/* --- the whole --- */

void disk_edit(const struct scratch *host, const char *line)
{
    bg_free_ char *copy = strdup(line);
    char *save = NULL, *verb = strtok_r(copy, " ", &save), *path = strtok_r(NULL, " ", &save);
    const char *text = save;

    if (strcmp(verb, "without") == 0)
        CHECK(unlinkat(host->root.fd, path, 0) == 0, "there is no %s to take away", path);
    else if (strcmp(verb, "folder") == 0)
        CHECK(scratch_folder(host, path) == 0, "cannot make %s", path);
    else if (strcmp(verb, "file") == 0)
        must_write(host, path, text);
}

void disk_make(struct scratch *host, const struct scene *scene, const struct bg_list *edits)
{
    static const char *const folders[] = {BG_ETC "/signers.d", "etc/pam.d", BG_VAR, BG_RUN, "dev"};

    /* In memory, where there is such a folder: the store waits for the disk. */
    CHECK(scratch_make_in(host, "/dev/shm") == 0 || scratch_make(host) == 0, "no scratch folder");
    for (size_t i = 0; i < BG_COUNT(folders); i++)
        CHECK(scratch_folder(host, folders[i]) == 0, "cannot make %s", folders[i]);
    write_rules(host, scene);
    put_statements(host, scene, edits);
    for (size_t i = 0; i < edits->n; i++)
        disk_edit(host, edits->v[i]);
}

/* See tests/kit/clock.c. */
void disk_set_clocks(const struct bg_clock *clock)
{
    FILE *f = fopen(getenv("TEST_CLOCK"), "r+e");

    CHECK(f && fprintf(f, "%-15lld %-12lld\n", (long long)clock->wall, (long long)clock->since_boot) == 29 &&
              fclose(f) == 0,
          "cannot set the clock");
    CHECK(bg_now() == clock->wall, "the clock does not stand where it was set");
}
