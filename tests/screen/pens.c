/* SPDX-License-Identifier: ISC */
/* Keys made from names, and the signatures they make: the same on every run. */
#include "tests/screen/pens.h"

#include "policy/base/cleanup.h"
#include "policy/base/wire.h"
#include "tests/kit/world.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pen_of(const struct play *p, const char *person, char name[80])
{
    (void)snprintf(name, 80, "%s%.64s", bg_list_has(&p->fido, person) ? "sk-" : "", person);
}

void pen_of_host(const struct play *p, char name[300])
{
    (void)snprintf(name, 300, "host:%s", p->b.site.host.name);
}

void pen_fingerprint(char out[BG_FINGERPRINT_SIZE], const char *key)
{
    struct bg_key made;
    unsigned char secret[64];

    world_key(&made, secret, key);
    bg_key_fingerprint(out, made.blob, made.blob_len);
}

void pens_host(struct play *p)
{
    unsigned char secret[64];
    char name[300];

    pen_of_host(p, name);
    world_key(&p->b.site.host.key, secret, name);
    p->b.site.host.has_key = p->b.site.has_host = true;
}

struct bg_signed *pen_sign(struct bg_statement *st, const char *key, struct bg_sentence *err)
{
    struct world_pen pen = {.key = key, .name_space = st->via ? "breakglass-host" : NULL, .flags = 0x05};

    return world_sign(st, &pen, err);
}

/* --- signers --- */

static void add_new(struct bg_list *all, const struct bg_list *some)
{
    for (size_t i = 0; i < some->n; i++)
        if (!bg_list_has(all, some->v[i]))
            need_word(all, some->v[i]);
}

static void everybody(const struct bg_policy *policy, struct bg_list *all)
{
    add_new(all, &policy->administrators);
    add_new(all, &policy->reviewers);
    for (size_t i = 0; i < policy->n_roles; i++) {
        add_new(all, &policy->roles[i].requesters);
        for (size_t k = 0; k < policy->roles[i].n_approve; k++)
            add_new(all, &policy->roles[i].approve[k].people);
    }
}

void pens_enroll(struct play *p)
{
    struct bg_list all bg_cleanup_(bg_list_free) = {0};
    bg_free_ char *text = NULL;
    size_t size = 0;
    FILE *out = need(open_memstream(&text, &size));

    everybody(&p->b.site.policy, &all);
    for (size_t i = 0; i < all.n; i++) {
        char name[80];

        pen_of(p, all.v[i], name);
        bg_free_ char *key = world_key_text(name);

        (void)fprintf(out, "%s namespaces=\"breakglass,breakglass-login\" %s %s@desk\n", all.v[i], key,
                      all.v[i]);
    }
    if (fclose(out) != 0)
        abort();
    bg_signers_free(&p->b.site.signers);
    p->b.site.signers = (struct bg_signers){0};
    if (bg_signers_parse(&p->b.site.signers, "signers", text, size) < 0)
        abort();
    bg_signers_settle(&p->b.site.signers);
    crypto_hash_sha256(p->b.site.signers.digest, (const unsigned char *)text, size);
}

/* --- OpenSSH's private key format (PROTOCOL.key) --- */

struct paper {
    unsigned char bytes[1024];
    struct bg_wire_out w;
};

static void put(struct paper *paper, const void *bytes, size_t n)
{
    if (bg_wire_put(&paper->w, bytes, n) < 0)
        abort();
}

static void put_string(struct paper *paper, const void *bytes, size_t n)
{
    if (bg_wire_put_string(&paper->w, bytes, n) < 0)
        abort();
}

static void put_text(struct paper *paper, const char *text)
{
    put_string(paper, text, strlen(text));
}

static void put_private(struct paper *paper, const struct bg_key *key, const unsigned char secret[64],
                        const char *name)
{
    static const unsigned char check[8] = {0}, padding[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    put(paper, check, sizeof check);
    put_text(paper, bg_key_type_name(key->type));
    put_string(paper, key->pk, sizeof key->pk);
    put_string(paper, secret, 64);
    put_text(paper, name);
    put(paper, padding, (8 - paper->w.len % 8) % 8);
}

static void put_file(struct paper *paper, const char *name)
{
    struct paper inner = {.w = {.p = inner.bytes, .size = sizeof inner.bytes}};
    struct bg_key key;
    unsigned char secret[64];

    world_key(&key, secret, name);
    put_private(&inner, &key, secret, name);
    put(paper, "openssh-key-v1", 15);
    put_text(paper, "none");
    put_text(paper, "none");
    put_text(paper, "");
    put(paper, (const unsigned char[]){0, 0, 0, 1}, 4);
    put_string(paper, key.blob, key.blob_len);
    put_string(paper, inner.bytes, inner.w.len);
}

static int write_file(const char *path, const char *text, const char *more, const char *end)
{
    bg_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    return fd < 0 || dprintf(fd, "%s%s%s", text, more, end) < 0 ? -errno : 0;
}

int pen_write(const char *key, const char *file)
{
    struct paper paper = {.w = {.p = paper.bytes, .size = sizeof paper.bytes}};
    char base64[2048], lines[2100] = "";
    bg_free_ char *pub = NULL, *text = world_key_text(key);
    int r;

    put_file(&paper, key);
    sodium_bin2base64(base64, sizeof base64, paper.bytes, paper.w.len, sodium_base64_VARIANT_ORIGINAL);
    for (size_t i = 0; base64[i]; i++)
        (void)snprintf(lines + strlen(lines), 3, "%c%s", base64[i], i % 70 == 69 ? "\n" : "");
    r = write_file(file, "-----BEGIN OPENSSH PRIVATE KEY-----\n", lines,
                   "\n-----END OPENSSH PRIVATE KEY-----\n");
    if (r == 0 && asprintf(&pub, "%s.pub", file) < 0)
        pub = NULL;
    return r < 0 || !pub ? r : write_file(pub, need(text), " ", key);
}
