/* SPDX-License-Identifier: ISC */
/* The record of a live session, by which it is found and ended. */
#include "policy/record/spool.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SESSION_MAX 4096  /* bytes of a record */
#define SESSIONS_MAX 4096 /* records looked at */

static const char *const kinds[] = {
    [BG_SESSION_GRANT] = "grant", [BG_SESSION_DOOR] = "door", [BG_SESSION_AUTOMATION] = "automation"};

void bg_session_name(char name[BG_SESSION_NAME_SIZE], pid_t pid, uint64_t starttime)
{
    (void)snprintf(name, BG_SESSION_NAME_SIZE, "%ld.%" PRIu64, (long)pid, starttime);
}

/* Where records are: in /var only while /run takes none. A revoke ends what has a record, so an account that
 * may write somewhere in /run must not get rid of its own by filling that. */
static const struct {
    const char *base, *path;
    mode_t base_mode;
} places[] = {{BG_RUN, BG_RUN "/sessions", 0755}, {BG_VAR, BG_VAR "/sessions", 0700}};

static int open_or_make(const struct bg_root *root, size_t place)
{
    int dir = bg_dir_open(root, places[place].path);

    if (dir != -ENOENT)
        return dir;
    /* tmpfiles has not run: a login must not depend on that. */
    dir = bg_dir_make(root, places[place].base, places[place].base_mode);
    if (dir < 0)
        return dir;
    (void)close(dir);
    return bg_dir_make(root, places[place].path, 0700);
}

static void put_text(FILE *f, const char *key, const char *value)
{
    char clean[256];

    if (bg_clean(clean, sizeof clean, value) > 0)
        fprintf(f, "%s: %s\n", key, clean);
}

static void put_time(FILE *f, const char *key, int64_t t)
{
    char text[BG_TIME_SIZE];

    if (t == 0)
        return;
    bg_time_format(text, t);
    fprintf(f, "%s: %s\n", key, text);
}

static char *session_print(const struct bg_session *s)
{
    char *text = NULL;
    size_t len;
    bool bad;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return NULL;
    fprintf(f, "pid: %ld\nstart: %" PRIu64 "\naudit: %" PRIu32 "\n", (long)s->pid, s->starttime, s->audit);
    put_text(f, "kind", kinds[s->kind]);
    put_text(f, "person", s->person);
    put_text(f, "account", s->account);
    put_text(f, "grant", s->grant);
    put_text(f, "role", s->role);
    put_text(f, "key", s->key);
    put_text(f, "rhost", s->rhost);
    put_text(f, "service", s->service);
    put_time(f, "opened", s->opened);
    put_time(f, "ends", s->ends);
    bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad) {
        free(text);
        return NULL;
    }
    return text;
}

int bg_session_write(const struct bg_root *root, const struct bg_session *session)
{
    bg_free_ char *text = NULL;
    char name[BG_SESSION_NAME_SIZE];
    int r = -EIO;

    if ((size_t)session->kind >= BG_COUNT(kinds))
        return -EINVAL;
    text = session_print(session);
    if (!text)
        return -ENOMEM;
    bg_session_name(name, session->pid, session->starttime);
    for (size_t i = 0; r < 0 && i < BG_COUNT(places); i++) {
        bg_close_ int dir = open_or_make(root, i);
        r = dir < 0 ? dir : bg_file_write_volatile_at(dir, name, text, strlen(text), 0600);
    }
    return r;
}

static int take_number(const char *text, uint64_t max, uint64_t *value)
{
    uint64_t n = 0;

    if (!*text || (text[0] == '0' && text[1]))
        return -EINVAL;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -EINVAL;
        uint64_t digit = (uint64_t)(*text - '0');
        if (n > (max - digit) / 10)
            return -EINVAL;
        n = n * 10 + digit;
    }
    *value = n;
    return 0;
}

static int take_text(char *out, size_t size, const char *value)
{
    size_t len = strlen(value);

    if (len == 0 || len >= size || !bg_is_clean(value, len))
        return -EINVAL;
    memcpy(out, value, len + 1);
    return 0;
}

static int take_kind(struct bg_session *s, const char *value)
{
    for (size_t i = 0; i < BG_COUNT(kinds); i++)
        if (strcmp(kinds[i], value) == 0) {
            s->kind = (enum bg_session_kind)i;
            return 0;
        }
    return -EINVAL;
}

/* The keys, in their order. */
enum { PID, START, AUDIT, KIND, PERSON, ACCOUNT, GRANT, ROLE, KEY, RHOST, SERVICE, OPENED, ENDS, KEYS };
static const char *const keys[KEYS] = {"pid",  "start", "audit", "kind",    "person", "account", "grant",
                                       "role", "key",   "rhost", "service", "opened", "ends"};

static int take(struct bg_session *s, int key, const char *value)
{
    uint64_t n = 0;
    int r;

    switch (key) {
    case PID:
        r = take_number(value, INT32_MAX, &n);
        s->pid = (pid_t)n;
        return r;
    case START:
        return take_number(value, UINT64_MAX, &s->starttime);
    case AUDIT:
        r = take_number(value, UINT32_MAX, &n);
        s->audit = (uint32_t)n;
        return r;
    case KIND:
        return take_kind(s, value);
    case PERSON:
        return take_text(s->person, sizeof s->person, value);
    case ACCOUNT:
        return take_text(s->account, sizeof s->account, value);
    case GRANT:
        return bg_is_id(value) ? take_text(s->grant, sizeof s->grant, value) : -EINVAL;
    case ROLE:
        return take_text(s->role, sizeof s->role, value);
    case KEY:
        return take_text(s->key, sizeof s->key, value);
    case RHOST:
        return take_text(s->rhost, sizeof s->rhost, value);
    case SERVICE:
        return take_text(s->service, sizeof s->service, value);
    case OPENED:
        return bg_time_parse(&s->opened, value);
    case ENDS:
        return bg_time_parse(&s->ends, value);
    default:
        return -EINVAL;
    }
}

static int key_number(const char *name)
{
    for (int i = 0; i < KEYS; i++)
        if (strcmp(keys[i], name) == 0)
            return i;
    return -1;
}

static int session_parse(struct bg_session *s, char *text)
{
    int key = -1;

    *s = (struct bg_session){0};
    while (*text) {
        char *end = strchr(text, '\n'), *value = strstr(text, ": ");

        if (!end || !value || value > end)
            return -EINVAL;
        *end = '\0';
        *value = '\0';
        int k = key_number(text);
        if (k <= key || (k > key + 1 && key < KIND)) /* the first four are always there */
            return -EINVAL;
        int r = take(s, k, value + 2);
        if (r < 0)
            return r;
        key = k;
        text = end + 1;
    }
    return key >= KIND ? 0 : -EINVAL;
}

static int read_record(const struct bg_root *root, const char *name, char **text, size_t *len)
{
    int r = -ENOENT;

    for (size_t i = 0; r < 0 && i < BG_COUNT(places); i++) {
        bg_close_ int dir = bg_dir_open(root, places[i].path);
        int s = dir < 0 ? dir : bg_file_read_at(root, dir, name, SESSION_MAX, text, len);
        r = s >= 0 || r == -ENOENT ? s : r;
    }
    return r;
}

int bg_session_read(const struct bg_root *root, const char *name, struct bg_session *session)
{
    bg_free_ char *text = NULL;
    char expected[BG_SESSION_NAME_SIZE];
    size_t len;
    int r = read_record(root, name, &text, &len);

    *session = (struct bg_session){0};
    if (r < 0)
        return r;
    r = strlen(text) == len ? session_parse(session, text) : -EINVAL;
    if (r >= 0) {
        bg_session_name(expected, session->pid, session->starttime);
        r = strcmp(name, expected) == 0 ? 0 : -EINVAL;
    }
    if (r < 0)
        *session = (struct bg_session){0};
    return r;
}

int bg_session_drop(const struct bg_root *root, pid_t pid, uint64_t starttime)
{
    char name[BG_SESSION_NAME_SIZE];
    int r = -ENOENT;

    bg_session_name(name, pid, starttime);
    for (size_t i = 0; r < 0 && i < BG_COUNT(places); i++) {
        bg_close_ int dir = bg_dir_open(root, places[i].path);
        int s = dir < 0 ? dir : unlinkat(dir, name, 0) < 0 ? -errno : 0;
        r = s == 0 || r == -ENOENT ? s : r;
    }
    return r;
}

int bg_session_names(const struct bg_root *root, struct bg_list *names)
{
    int r = 0;

    for (size_t i = 0; i < BG_COUNT(places); i++) {
        bg_close_ int dir = bg_dir_open(root, places[i].path);
        int s = dir < 0 ? dir : bg_folder_names(dir, SESSIONS_MAX, names, NULL);
        r = s < 0 && s != -ENOENT ? s : r;
    }
    return r;
}

/* Reads /proc/PID/NAME into a buffer, NUL-terminated. */
static int proc_read(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    ssize_t n;

    if (pid <= 0)
        return -ESRCH;
    (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    bg_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    n = read(fd, out, size - 1);
    if (n < 0)
        return -errno;
    out[n] = '\0';
    return n > 0 ? 0 : -ESRCH;
}

/* Field `number` of /proc/PID/stat (proc(5)), for those after the command's name, which may hold anything but
 * is the only one in parentheses. */
static int stat_field(pid_t pid, unsigned number, uint64_t max, uint64_t *value)
{
    char text[1024], *p, *save = NULL;
    int r = proc_read(pid, "stat", text, sizeof text);

    if (r < 0)
        return r;
    p = strrchr(text, ')');
    if (!p)
        return -EBADMSG;
    p = strtok_r(p + 1, " \n", &save); /* field 3 */
    for (unsigned i = 3; p && i < number; i++)
        p = strtok_r(NULL, " \n", &save);
    return p && take_number(p, max, value) == 0 ? 0 : -EBADMSG;
}

int bg_process_start(pid_t pid, uint64_t *starttime)
{
    return stat_field(pid, 22, UINT64_MAX, starttime);
}

int bg_process_parent(pid_t pid, pid_t *parent)
{
    uint64_t n;
    int r = stat_field(pid, 4, INT32_MAX, &n);

    if (r >= 0)
        *parent = (pid_t)n;
    return r;
}

int bg_process_audit(pid_t pid, uint32_t *audit)
{
    char text[32];
    uint64_t n;
    int r = proc_read(pid, "sessionid", text, sizeof text);

    if (r < 0)
        return r;
    text[strcspn(text, "\n")] = '\0';
    r = take_number(text, UINT32_MAX, &n);
    if (r >= 0)
        *audit = (uint32_t)n;
    return r < 0 ? -EBADMSG : 0;
}
