/* SPDX-License-Identifier: ISC */
/* A process is matched with the sessions that the gate wrote down: through its parents, else by its audit
 * session. */
#include "broker/bus/peer.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

#define DEPTH_MAX 64
#define PASSWD_MAX (4 * 1024 * 1024)

const struct peer_world peer_proc = {bg_process_start, bg_process_audit, bg_process_parent};

const char *peer_how_name(enum peer_how how)
{
    static const char *const names[] = {"none", "root", "uid", "session"};

    return names[how];
}

/* The audit session of a session's own process, as it is now: the gate stands before pam_loginuid, so its
 * record may have been written too early to know it. UINT32_MAX where there is none. */
static uint32_t session_audit(const struct peer_world *world, const struct bg_session *s)
{
    uint32_t audit = UINT32_MAX;

    return world->audit(s->pid, &audit) == 0 ? audit : UINT32_MAX;
}

static bool session_alive(const struct peer_world *world, const struct bg_session *s)
{
    uint64_t start = 0;

    return world->start(s->pid, &start) == 0 && start == s->starttime;
}

static const struct bg_session *by_parents(const struct peer_world *world, const struct bg_session *sessions,
                                           size_t n, pid_t pid, uint32_t audit)
{
    for (unsigned depth = 0; depth < DEPTH_MAX && pid > 1; depth++) {
        for (size_t i = 0; i < n; i++)
            if (sessions[i].pid == pid && session_alive(world, &sessions[i]))
                return session_audit(world, &sessions[i]) == audit ? &sessions[i] : NULL;
        if (world->parent(pid, &pid) < 0)
            break;
    }
    return NULL;
}

/* A process that left its parents still carries the audit session; one that the listening sshd carries too
 * (it was started by hand from somebody's login) is not this session's own. */
static const struct bg_session *by_audit(const struct peer_world *world, const struct bg_session *sessions,
                                         size_t n, uint32_t audit)
{
    if (audit == UINT32_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        pid_t parent = 0;
        uint32_t above = UINT32_MAX;

        if (!session_alive(world, &sessions[i]) || session_audit(world, &sessions[i]) != audit)
            continue;
        if (world->parent(sessions[i].pid, &parent) == 0 && parent > 1 && world->audit(parent, &above) == 0 &&
            above == audit)
            continue;
        return &sessions[i];
    }
    return NULL;
}

const struct bg_session *peer_session(const struct peer_world *world, const struct bg_session *sessions,
                                      size_t n, pid_t pid)
{
    uint32_t audit = UINT32_MAX;

    if (world->audit(pid, &audit) < 0)
        return NULL;
    const struct bg_session *s = by_parents(world, sessions, n, pid, audit);

    return s ? s : by_audit(world, sessions, n, audit);
}

/* Name of a local uid, from etc/passwd itself: NSS may ask a network. */
static int user_of(const struct bg_root *root, uid_t uid, char user[BG_ACCOUNT_SIZE])
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int r = bg_file_read(root, "etc/passwd", PASSWD_MAX, &text, &len);

    if (r < 0)
        return r;
    for (char *line = text, *rest = NULL; (line = strtok_r(line, "\n", &rest)); line = NULL) {
        char name[BG_ACCOUNT_SIZE], *end = NULL;
        int at = 0;

        if (sscanf(line, "%32[^:]:%*[^:]:%n", name, &at) != 1 || at == 0)
            continue;
        if (line[at] < '0' || line[at] > '9')
            continue;
        unsigned long value = strtoul(line + at, &end, 10);

        if (*end == ':' && value == uid) {
            memcpy(user, name, sizeof name);
            return 0;
        }
    }
    return -ENOENT;
}

static const struct bg_person *person_of(const struct bg_root *root, const struct bg_policy *policy,
                                         uid_t uid)
{
    char user[BG_ACCOUNT_SIZE];

    for (size_t i = 0; i < policy->n_people; i++)
        if (policy->people[i].has_uid && policy->people[i].uid == uid)
            return &policy->people[i];
    if (user_of(root, uid, user) < 0)
        return NULL;
    return bg_policy_person_by_user(policy, user);
}

static int load_sessions(const struct bg_root *root, struct bg_session **sessions, size_t *n)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    int r = bg_session_names(root, &names);

    *sessions = NULL;
    *n = 0;
    if (r < 0 || names.n == 0)
        return r < 0 && r != -ENOENT ? r : 0;
    *sessions = calloc(names.n, sizeof **sessions);
    if (!*sessions)
        return -ENOMEM;
    for (size_t i = 0; i < names.n; i++)
        if (bg_session_read(root, names.v[i], &(*sessions)[*n]) == 0)
            (*n)++;
    return 0;
}

/* A pidfd of the process that connected. Where the kernel does not hand one out with the socket, the process
 * is looked up by number and must be there still after all has been read (still_there). */
static int open_peer(int socket, pid_t pid)
{
    int fd = -1;
    socklen_t len = sizeof fd;

    if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) == 0)
        return fd;
    if (errno != ENOPROTOOPT)
        return -errno;
    fd = pidfd_open(pid, 0);
    return fd < 0 ? -errno : fd;
}

static bool still_there(int pidfd)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};

    return poll(&p, 1, 0) == 0;
}

static void take_session(struct peer *peer, const struct bg_session *s)
{
    peer->how = PEER_SESSION;
    peer->session_pid = s->pid;
    peer->session_start = s->starttime;
    (void)snprintf(peer->key, sizeof peer->key, "%.*s", BG_FINGERPRINT_SIZE - 1, s->key);
    /* A machine is in the session, and no person: it may look, but neither request nor close. */
    if (s->kind == BG_SESSION_AUTOMATION)
        return;
    memcpy(peer->person, s->person, sizeof peer->person);
    (void)snprintf(peer->via, sizeof peer->via, "%s publickey %s", s->service, s->key);
}

static int find_person(struct peer *peer, const struct bg_root *root, const struct bg_policy *policy)
{
    bg_free_ struct bg_session *sessions = NULL;
    size_t n = 0;
    int r = load_sessions(root, &sessions, &n);

    if (r < 0)
        return r;
    const struct bg_session *s = peer_session(&peer_proc, sessions, n, peer->pid);

    if (s) {
        take_session(peer, s);
        return 0;
    }
    if (peer->uid == root->owner) {
        peer->how = PEER_ROOT;
        return 0;
    }
    const struct bg_person *person = person_of(root, policy, peer->uid);

    if (person && strlen(person->name) < sizeof peer->person) {
        peer->how = PEER_UID;
        memcpy(peer->person, person->name, strlen(person->name) + 1);
        (void)snprintf(peer->via, sizeof peer->via, "uid %u", (unsigned)peer->uid);
    }
    return 0;
}

int peer_identify(struct peer *peer, int socket, const struct bg_root *root, const struct bg_policy *policy)
{
    struct ucred cred;
    socklen_t len = sizeof cred;

    *peer = (struct peer){.how = PEER_NONE, .uid = (uid_t)-1};
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return -errno;
    bg_close_ int pidfd = open_peer(socket, cred.pid);
    if (pidfd < 0)
        return pidfd;
    struct peer found = {.how = PEER_NONE, .uid = cred.uid, .pid = cred.pid};
    uint64_t before = 0, after = 0;
    int r = bg_process_start(cred.pid, &before);

    if (r == 0)
        r = find_person(&found, root, policy);
    if (r == 0)
        r = bg_process_start(cred.pid, &after);
    if (r < 0)
        return r;
    /* Gone or another one meanwhile: what was read may be of the other one. */
    if (!still_there(pidfd) || before != after)
        return -ESRCH;
    *peer = found;
    return 0;
}
