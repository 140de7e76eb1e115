/* SPDX-License-Identifier: ISC */
/* The store is in /var and in /run; a write that fails in the first goes to the second. */
#include "policy/store/disk.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const bases[BG_PLACES] = {[BG_IN_RUN] = BG_RUN_STORE, [BG_IN_VAR] = BG_VAR};

int bg_disk_open(const struct bg_store *store, enum bg_disk place, const char *const path[])
{
    char full[PATH_MAX];
    size_t n = (size_t)snprintf(full, sizeof full, "%s", bases[place]);

    for (; *path && n < sizeof full; path++)
        n += (size_t)snprintf(full + n, sizeof full - n, "/%s", *path);
    return n < sizeof full ? bg_dir_open(&store->root, full) : -ENAMETOOLONG;
}

static int open_base(const struct bg_store *store, enum bg_disk place)
{
    int dir = bg_dir_open(&store->root, bases[place]);

    if (dir != -ENOENT || place != BG_IN_RUN)
        return dir;
    dir = bg_dir_make(&store->root, BG_RUN, 0755);
    if (dir < 0)
        return dir;
    (void)close(dir);
    return bg_dir_make(&store->root, BG_RUN_STORE, 0700);
}

int bg_disk_make(const struct bg_store *store, enum bg_disk place, const char *const path[])
{
    bg_close_ int dir = open_base(store, place);

    for (; dir >= 0 && *path; path++) {
        if (mkdirat(dir, *path, 0700) == 0) {
            if (place == BG_IN_VAR && fsync(dir) < 0)
                return -errno;
        } else if (errno != EEXIST)
            return -errno;
        int next = bg_dir_open_at(&store->root, dir, *path);
        if (next < 0)
            return next;
        (void)close(dir);
        dir = next;
    }
    return dir < 0 ? dir : BG_TAKE_FD(dir);
}

int bg_disk_names(const struct bg_store *store, enum bg_disk place, const char *const path[], size_t max,
                  struct bg_list *names)
{
    bg_close_ int dir = bg_disk_open(store, place, path);

    if (dir < 0)
        return dir == -ENOENT ? 0 : dir;
    return bg_folder_names(dir, max, names, NULL);
}

int bg_disk_write(enum bg_disk place, int dir, const char *name, const void *data, size_t len)
{
    return place == BG_IN_VAR ? bg_file_write_at(dir, name, data, len, 0600)
                              : bg_file_write_volatile_at(dir, name, data, len, 0600);
}

void bg_statement_file(char out[BG_FILE_NAME_SIZE], const struct bg_statement *st)
{
    char hex[BG_DIGEST_HEX];

    bg_hex(hex, st->digest);
    (void)snprintf(out, BG_FILE_NAME_SIZE, "%s.%s", bg_kind_name(st->kind), hex);
}

bool bg_is_sig_file(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".sig") == 0;
}

bool bg_statement_file_parse(const char *name, enum bg_kind *kind, unsigned char digest[BG_DIGEST_BYTES])
{
    const char *dot = strchr(name, '.');
    char word[16];
    int k;

    if (!dot || (size_t)(dot - name) >= sizeof word)
        return false;
    memcpy(word, name, (size_t)(dot - name));
    word[dot - name] = '\0';
    k = bg_kind_parse(word);
    if (k < 0 || bg_unhex(digest, dot + 1) < 0)
        return false;
    *kind = (enum bg_kind)k;
    return true;
}

/* The signature beside a text. One that does not parse counts for nothing, but its statement is still shown.
 */
static int load_signature(const struct bg_store *store, int dir, const char *name, struct bg_signed *s)
{
    char sig_name[BG_FILE_NAME_SIZE];
    bg_free_ char *armour = NULL;
    size_t len;
    int r;

    (void)snprintf(sig_name, sizeof sig_name, "%s.sig", name);
    r = bg_file_read_at(&store->root, dir, sig_name, BG_SSHSIG_ARMOUR_MAX, &armour, &len);
    if (r < 0)
        return r;
    r = bg_sshsig_dearmour(s->blob, &s->blob_len, armour, len, NULL);
    if (r >= 0)
        r = bg_sshsig_parse(&s->sig, s->blob, s->blob_len, NULL);
    s->malformed_sig = r < 0;
    return r == -ENOMEM ? r : 0;
}

static void free_signed(struct bg_signed **s)
{
    bg_signed_free(*s);
}

int bg_statement_load(const struct bg_store *store, int dir, const char *name, struct bg_signed **out)
{
    struct bg_signed *s bg_cleanup_(free_signed) = calloc(1, sizeof *s);
    unsigned char digest[BG_DIGEST_BYTES];
    bg_free_ char *text = NULL;
    enum bg_kind kind;
    size_t len;
    int r;

    if (!s)
        return -ENOMEM;
    if (!bg_statement_file_parse(name, &kind, digest))
        return -EINVAL;
    r = bg_file_read_at(&store->root, dir, name, BG_STATEMENT_MAX, &text, &len);
    if (r >= 0)
        r = bg_statement_parse(&s->st, text, len, NULL);
    if (r >= 0 && (s->st.kind != kind || memcmp(s->st.digest, digest, sizeof digest) != 0))
        r = -EINVAL;
    if (r >= 0)
        r = load_signature(store, dir, name, s);
    if (r < 0)
        return r;
    *out = BG_TAKE_PTR(s);
    return 0;
}

int bg_statement_store(const struct bg_store *store, enum bg_disk place, const char *const path[],
                       const struct bg_signed *s)
{
    bg_free_ char *armour = bg_sshsig_armour(s->blob, s->blob_len);
    char name[BG_FILE_NAME_SIZE], sig_name[BG_FILE_NAME_SIZE + 4];
    int r;

    if (!armour)
        return -ENOMEM;
    bg_close_ int dir = bg_disk_make(store, place, path);
    if (dir < 0)
        return dir;
    bg_statement_file(name, &s->st);
    (void)snprintf(sig_name, sizeof sig_name, "%s.sig", name);
    r = bg_disk_write(place, dir, sig_name, armour, strlen(armour));
    return r < 0 ? r : bg_disk_write(place, dir, name, s->st.text, s->st.text_len);
}
