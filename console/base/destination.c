/* SPDX-License-Identifier: ISC */
/* --root and -H: where the files are, and which hosts a command speaks to. */
#include "console/base/destination.h"

#include "policy/base/cleanup.h"
#include "policy/base/name.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOSTS_FILE_MAX 65536

static const char *root_path = "/";

void destination_set_root(const char *path)
{
    root_path = path;
}

const char *destination_root(void)
{
    return root_path;
}

int destination_open_root(struct bg_root *root, struct bg_sentence *err)
{
    int r = bg_root_open(root, root_path);

    return r < 0 ? bg_fail(err, r, "cannot open %s: %s", root_path, strerrordesc_np(-r)) : 0;
}

bool destination_is_valid(const char *word)
{
    size_t len = strlen(word);

    if (len == 0 || len > 253 || *word == '-')
        return false;
    for (const char *p = word; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/[]%", *p))
            return false;
    return true;
}

bool destination_may_be(const char *named, const char *says)
{
    size_t n = strlen(named), m = strlen(says), len = n < m ? n : m;

    return strncasecmp(named, says, len) == 0 && (n == m || (n > m ? named : says)[len] == '.');
}

int destination_check(const struct bg_list *hosts, struct bg_sentence *err)
{
    for (size_t i = 0; i < hosts->n; i++)
        if (!destination_is_valid(hosts->v[i]))
            return bg_fail(
                err, -EINVAL,
                "\"%s\" is no host for ssh: give its name alone (the account is always breakglass; "
                "ports and jump hosts belong into ~/.ssh/config)",
                hosts->v[i]);
    return 0;
}

/* NULL without memory. */
static char *hosts_path(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int r;

    if (config && *config == '/')
        r = asprintf(&path, "%s/breakglass/hosts", config);
    else
        r = asprintf(&path, "%s/.config/breakglass/hosts", home && *home == '/' ? home : "/nonexistent");
    return r < 0 ? NULL : path;
}

int destination_hosts_file(struct bg_list *hosts, struct bg_sentence *err)
{
    bg_free_ char *path = hosts_path(), *text = NULL;
    size_t len;

    if (!path)
        return bg_fail(err, -ENOMEM, "no memory left");
    bg_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    int r = fd < 0 ? -errno : bg_fd_read(fd, HOSTS_FILE_MAX, &text, &len);
    for (char *rest = text, *line; r >= 0 && (line = strsep(&rest, "\n"));) {
        line[strcspn(line, "#\r")] = '\0';
        r = bg_list_split(hosts, line);
    }
    return r < 0 ? bg_fail(err, r, "cannot read %s: %s", path, strerrordesc_np(-r)) : 0;
}

char *destination_bus_path(void)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s/bus", strcmp(root_path, "/") == 0 ? "" : root_path, BG_RUN) < 0 ? NULL
                                                                                                  : path;
}

bool destination_has_bus(void)
{
    bg_free_ char *path = destination_bus_path();

    return path && access(path, F_OK) == 0;
}

const char *destination_account(void)
{
    const struct passwd *pw = getpwuid(geteuid());

    return pw && pw->pw_name && pw->pw_uid != 0 && bg_is_person(pw->pw_name) ? pw->pw_name : NULL;
}
