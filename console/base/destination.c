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

    return r < 0 ? bg_fail(err, r, "cannot open %s: %s", root_path, strerror(-r)) : 0;
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

static int read_hosts(int fd, struct bg_list *hosts)
{
    bg_free_ char *text = malloc(HOSTS_FILE_MAX + 1);
    size_t len = 0;
    ssize_t n = 0;

    if (!text)
        return -ENOMEM;
    while (len < HOSTS_FILE_MAX && (n = read(fd, text + len, HOSTS_FILE_MAX - len)) > 0)
        len += (size_t)n;
    if (n < 0)
        return -errno;
    text[len] = 0;
    for (char *p = text, *line; (line = strsep(&p, "\n"));) {
        int r;

        line[strcspn(line, "#\r")] = 0;
        r = bg_list_split(hosts, line);
        if (r < 0)
            return r;
    }
    return 0;
}

int destination_hosts_file(struct bg_list *hosts, struct bg_sentence *err)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    bg_free_ char *path = NULL;
    bg_close_ int fd = -1;
    int r;

    if (config && *config == '/')
        r = asprintf(&path, "%s/breakglass/hosts", config);
    else if (home && *home == '/')
        r = asprintf(&path, "%s/.config/breakglass/hosts", home);
    else
        return 0;
    if (r < 0) {
        path = NULL;
        return bg_fail(err, -ENOMEM, "no memory left");
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    r = fd < 0 ? -errno : read_hosts(fd, hosts);
    return r < 0 ? bg_fail(err, r, "cannot read %s: %s", path, strerror(-r)) : 0;
}

char *destination_bus_path(void)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s/bus", strcmp(root_path, "/") == 0 ? "" : root_path, BG_RUN) < 0)
        return NULL;
    return path;
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
