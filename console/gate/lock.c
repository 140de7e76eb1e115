/* SPDX-License-Identifier: ISC */
/* breakglass lock, unlock: while /etc/breakglass/locked is there, no grant opens anything on this host. */
#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "console/gate/site.h"
#include "console/base/option.h"
#include "console/base/print.h"
#include "policy/record/spool.h"
#include "console/base/usage.h"
#include "console/gate/gate.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REASON_MAX 512

static const char *name_of(const struct gate_site *h)
{
    return h->named ? h->host.name : "this host";
}

/* Who is in stays in: a lock shuts the door, and a revoke empties the room. */
static void say_who_is_in(const struct gate_site *h)
{
    bg_cleanup_(bg_list_free) struct bg_list names = {0};

    if (bg_session_names(&h->root, &names) >= 0 && names.n > 0)
        say(stdout, "%zu open sessions stay open; to end them: breakglass revoke --all", names.n);
}

static int lock(struct gate_site *h, const char *reason)
{
    bg_close_ int dir = bg_dir_make(&h->root, BG_ETC, 0755);
    struct bg_event event = {.id = BG_EVENT_GATE_LOCKED, .time = h->now};
    char when[BG_TIME_SIZE], text[REASON_MAX + 64];
    struct stat st;
    int r;

    if (dir < 0) {
        complain("cannot open /%s: %s; nothing is locked", BG_ETC, strerrordesc_np(-dir));
        return EXIT_BROKEN;
    }
    if (fstatat(dir, "locked", &st, AT_SYMLINK_NOFOLLOW) == 0) {
        bg_time_format(when, (int64_t)st.st_mtime);
        say(stdout, "%s is already locked, since %s.", name_of(h), when);
        return EXIT_DONE;
    }
    bg_time_format(when, h->now);
    (void)snprintf(text, sizeof text, "%s root: %s\n", when, reason);
    r = bg_file_write_at(dir, "locked", text, strlen(text), 0644);
    if (r < 0) {
        complain("cannot write /%s/locked: %s; nothing is locked", BG_ETC, strerrordesc_np(-r));
        return EXIT_BROKEN;
    }
    event.field[BG_FIELD_ACTOR] = "root";
    event.field[BG_FIELD_REASON] = reason;
    gate_site_spool(h, &event);
    say(stdout, "%s is locked: no grant opens anything here until `breakglass unlock`.", name_of(h));
    say_who_is_in(h);
    say(stdout, "Only root on this host can unlock it: keep a way in, such as its own console.");
    return EXIT_DONE;
}

static int unlock(struct gate_site *h)
{
    bg_close_ int dir = bg_dir_open(&h->root, BG_ETC);
    int r = dir < 0 ? dir : unlinkat(dir, "locked", 0) < 0 ? -errno : 0;

    if (r == -ENOENT) {
        say(stdout, "%s was not locked.", name_of(h));
        return EXIT_DONE;
    }
    if (r < 0) {
        complain("cannot remove /%s/locked: %s; it is still locked", BG_ETC, strerrordesc_np(-r));
        return EXIT_BROKEN;
    }
    (void)fsync(dir);
    gate_site_tell(h, "this host", "unlocked by root");
    say(stdout, "%s is unlocked: grants open again, including those approved meanwhile.", name_of(h));
    return EXIT_DONE;
}

/* What both verbs begin with. `h` is to be closed in any case. */
static int begin(int argc, char **argv, const struct option_spec *specs, struct gate_site *h)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    struct bg_sentence err;

    if (options_parse(specs, argc, argv, &words, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (words.n)
        return verb_usage(argv[0], "takes no words; it is about this host");
    if (geteuid() != 0) {
        complain("only root can %s this host", argv[0]);
        return EXIT_REFUSED;
    }
    if (gate_site_open(h, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    return EXIT_DONE;
}

int verb_lock(int argc, char **argv)
{
    const char *reason = NULL;
    const struct option_spec specs[] = {{.name = "reason", .value = &reason}, {0}};
    bg_cleanup_(gate_site_close) struct gate_site h = {.root = {.fd = -1}};
    int status = begin(argc, argv, specs, &h);

    if (status == EXIT_DONE && reason &&
        (strlen(reason) > REASON_MAX || !bg_is_clean(reason, strlen(reason))))
        return verb_usage(argv[0], "the reason is one line of at most %d bytes", REASON_MAX);
    return status == EXIT_DONE ? lock(&h, reason ? reason : "urgent") : status;
}

int verb_unlock(int argc, char **argv)
{
    bg_cleanup_(gate_site_close) struct gate_site h = {.root = {.fd = -1}};
    int status = begin(argc, argv, (const struct option_spec[]){{0}}, &h);

    return status == EXIT_DONE ? unlock(&h) : status;
}
