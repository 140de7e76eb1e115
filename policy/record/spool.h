/* Where events and session records wait for the broker. Written by the gate without speaking to any daemon.
 */
#pragma once

#include "policy/record/event.h"
#include "policy/base/file.h"
#include "policy/base/list.h"
#include "policy/base/name.h"
#include "policy/statement/sshkey.h"

#include <sys/types.h>

/* Adds a spool record; its name sorts by time. /run first, /var where /run is full or read-only. 0 when one
 * of them took it. */
int bg_spool_write(const struct bg_root *root, const struct bg_event *event);
/* Adds two events in one file: both are kept or neither, for the cost of one. They are read and dropped as
 * two records, the first before the second. */
int bg_spool_write_two(const struct bg_root *root, const struct bg_event *first,
                       const struct bg_event *second);
/* The names in both spools, oldest first, at most `max`. Each is "run/…" or "var/…" relative to the root. */
int bg_spool_names(const struct bg_root *root, size_t max, struct bg_list *names);
int bg_spool_read(const struct bg_root *root, const char *name, char **text);
int bg_spool_drop(const struct bg_root *root, const char *name);

#define BG_SESSION_NAME_SIZE 48 /* "PID.STARTTIME" with NUL */
#define BG_SERVICE_SIZE 33      /* the longest PAM service, with NUL */
#define BG_RHOST_SIZE 256       /* the longest PAM_RHOST, with NUL */

/* A session that the gate let in: run/breakglass/sessions/PID.STARTTIME, "key: value" lines, 0600; below
 * var/lib/breakglass where /run takes none. */
enum bg_session_kind { BG_SESSION_GRANT, BG_SESSION_DOOR, BG_SESSION_AUTOMATION };

struct bg_session {
    pid_t pid; /* who called open_session; sshd's monitor */
    uint64_t
        starttime;  /* field 22 of /proc/PID/stat, clock ticks since boot: with pid it names one process */
    uint32_t audit; /* /proc/PID/sessionid; UINT32_MAX where there is none */
    enum bg_session_kind kind;
    char person[BG_PERSON_SIZE]; /* or the automation's name */
    char account[BG_ACCOUNT_SIZE];
    char grant[BG_ID_SIZE]; /* "" for the door and automations */
    char role[BG_PERSON_SIZE];
    char key[BG_FINGERPRINT_SIZE];
    char rhost[BG_RHOST_SIZE]; /* PAM_RHOST, cleaned */
    char service[BG_SERVICE_SIZE];
    int64_t opened, ends; /* ends: 0 where there is none */
};
/* The name of a session's record. */
void bg_session_name(char name[BG_SESSION_NAME_SIZE], pid_t pid, uint64_t starttime);
int bg_session_write(const struct bg_root *root, const struct bg_session *session);
int bg_session_read(const struct bg_root *root, const char *name, struct bg_session *session);
int bg_session_drop(const struct bg_root *root, pid_t pid, uint64_t starttime);
/* Names in both folders, at most 4096 of each. */
int bg_session_names(const struct bg_root *root, struct bg_list *names);

/* The start time (field 22 of stat) and the audit session of a process. -ESRCH where it is gone. */
int bg_process_start(pid_t pid, uint64_t *starttime);
int bg_process_audit(pid_t pid, uint32_t *audit);
int bg_process_parent(pid_t pid, pid_t *parent);
