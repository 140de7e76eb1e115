/* SPDX-License-Identifier: ISC */
/* Makes people, keys and statements from fixed seeds. */
#include "tests/kit/world.h"

#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"
#include "policy/base/wire.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char application[] = "ssh:";

static bool is_fido(const char *name)
{
    return strncmp(name, "sk-", 3) == 0;
}

static void put(struct bg_wire_out *w, const void *bytes, size_t len)
{
    CHECK(bg_wire_put_string(w, bytes, len) == 0, "world: a buffer is too small");
}

static void put_text(struct bg_wire_out *w, const char *text)
{
    put(w, text, strlen(text));
}

void world_key(struct bg_key *key, unsigned char secret[64], const char *name)
{
    unsigned char seed[32], pk[32], blob[BG_KEY_BLOB_MAX];
    struct bg_wire_out w = {.p = blob, .size = sizeof blob};
    struct bg_sentence err = {""};

    crypto_hash_sha256(seed, (const unsigned char *)name, strlen(name));
    crypto_sign_seed_keypair(pk, secret, seed);
    put_text(&w, is_fido(name) ? "sk-ssh-ed25519@openssh.com" : "ssh-ed25519");
    put(&w, pk, sizeof pk);
    if (is_fido(name))
        put_text(&w, application);
    CHECK(bg_key_parse(key, blob, w.len, &err) == 0, "world: %s", err.text);
}

char *world_key_text(const char *name)
{
    struct bg_key key;
    unsigned char secret[64];
    char base64[2 * BG_KEY_BLOB_MAX], text[2 * BG_KEY_BLOB_MAX + 64];

    world_key(&key, secret, name);
    sodium_bin2base64(base64, sizeof base64, key.blob, key.blob_len, sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(text, sizeof text, "%s %s", bg_key_type_name(key.type), base64);
    return strdup(text);
}

/* PROTOCOL.sshsig: what is signed. */
static size_t signed_data(unsigned char *out, size_t size, const char *name_space, const char *text,
                          size_t len)
{
    unsigned char hash[64];
    struct bg_wire_out w = {.p = out, .size = size};

    crypto_hash_sha512(hash, (const unsigned char *)text, len);
    CHECK(bg_wire_put(&w, "SSHSIG", 6) == 0, "world: a buffer is too small");
    put_text(&w, name_space);
    put_text(&w, "");
    put_text(&w, "sha512");
    put(&w, hash, sizeof hash);
    return w.len;
}

/* PROTOCOL.u2f: the authenticator signs SHA256(application), flags, counter, SHA256(message). */
static void fido_sign(unsigned char sig[64], const unsigned char secret[64], unsigned char flags,
                      const unsigned char *message, size_t len)
{
    unsigned char data[32 + 1 + 4 + 32] = {0};

    crypto_hash_sha256(data, (const unsigned char *)application, sizeof application - 1);
    data[32] = flags;
    data[36] = 1; /* the counter */
    crypto_hash_sha256(data + 37, message, len);
    crypto_sign_detached(sig, NULL, data, sizeof data, secret);
}

void world_sign_text(unsigned char *out, size_t *out_len, const struct world_pen *pen, const char *text,
                     size_t text_len)
{
    const char *name_space = pen->name_space ? pen->name_space : "breakglass";
    unsigned char secret[64], message[256], sig[64], inner[256];
    struct bg_wire_out blob = {.p = out, .size = BG_SSHSIG_BLOB_MAX}, w = {.p = inner, .size = sizeof inner};
    struct bg_key key;
    size_t len = signed_data(message, sizeof message, name_space, text, text_len);

    world_key(&key, secret, pen->key);
    if (is_fido(pen->key))
        fido_sign(sig, secret, pen->flags, message, len);
    else
        crypto_sign_detached(sig, NULL, message, len, secret);
    put_text(&w, bg_key_type_name(key.type));
    put(&w, sig, sizeof sig);
    if (is_fido(pen->key))
        CHECK(bg_wire_put(&w, &pen->flags, 1) == 0 && bg_wire_put_u32(&w, 1) == 0,
              "world: a buffer is too small");

    CHECK(bg_wire_put(&blob, "SSHSIG", 6) == 0 && bg_wire_put_u32(&blob, 1) == 0,
          "world: a buffer is too small");
    put(&blob, key.blob, key.blob_len);
    put_text(&blob, name_space);
    put_text(&blob, "");
    put_text(&blob, "sha512");
    put(&blob, inner, w.len);
    *out_len = blob.len;
}

struct bg_signed *world_sign(struct bg_statement *st, const struct world_pen *pen, struct bg_sentence *err)
{
    struct bg_signed *s = calloc(1, sizeof *s);
    bg_free_ char *key = strdup(pen->key); /* may be a string of the statement, which printing makes anew */
    struct world_pen copy = *pen;

    CHECK(s && key, "world: out of memory");
    copy.key = key;
    s->st = *st;
    memset(st, 0, sizeof *st);
    if (bg_statement_print(&s->st, err) < 0) {
        bg_signed_free(s);
        return NULL;
    }
    world_sign_text(s->blob, &s->blob_len, &copy, s->st.text, s->st.text_len);
    s->malformed_sig = bg_sshsig_parse(&s->sig, s->blob, s->blob_len, err) < 0;
    return s;
}

int64_t world_time(const char *text)
{
    char full[64];
    const char *slash = strchr(text, '/'), *clock = slash ? slash + 1 : text;
    int64_t time = 0;

    (void)snprintf(full, sizeof full, "2026-11-23T%s%sZ", clock, strlen(clock) == 5 ? ":00" : "");
    CHECK(bg_time_parse(&time, full) == 0, "world: '%s' is not a time such as 14:05, 14:05:30 or 1/14:05",
          text);
    return time + (slash ? atoi(text) * 86400 : 0);
}
