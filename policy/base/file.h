/* Files read and written by fd, so that no path race, link, fifo or foreign owner is ever followed. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the product's files are: "/" in production, a scratch folder in tests. All paths given to the
 * functions below are relative to it, without a leading '/'. */
struct bg_root {
    int fd;      /* O_PATH of the root folder */
    uid_t owner; /* who must own every file and folder: 0 in production */
    int pins[3]; /* bg_root_pin's: fd + 1, or 0 */
};

/* The places (relative to the root). */
#define BG_ETC "etc/breakglass"
#define BG_VAR "var/lib/breakglass"
#define BG_RUN "run/breakglass"
#define BG_RUN_STORE "run/breakglass/store"

/* Opens the root. With path "/" the owner is 0; elsewhere it is the owner of that folder. 0 or -errno. */
int bg_root_open(struct bg_root *root, const char *path);
void bg_root_close(struct bg_root *root);
/* Walks to BG_ETC, BG_VAR or BG_RUN once, and lets all later paths below it start there: for the gate, which
 * lives for one call and would walk there a dozen times. What is missing or not safe is left to those who ask
 * for it. bg_dir_open of such a place itself gives copies of one fd, which share their position in it. */
void bg_root_pin(struct bg_root *root, const char *base);

/* Opens a folder below the root: every component a folder owned by root->owner and not writable by group or
 * others, no links (the components of var/lib and run above breakglass may be links of root's own).
 * Gives an fd (O_DIRECTORY|O_CLOEXEC), -ENOENT where a component is missing, -EPERM where one is not safe,
 * or another -errno. */
int bg_dir_open(const struct bg_root *root, const char *path);
/* As bg_dir_open, below an fd that was itself opened so. `name` is one component. */
int bg_dir_open_at(const struct bg_root *root, int dir, const char *name);
/* Makes what is missing of `path` (mode for the folders it makes), then opens it. */
int bg_dir_make(const struct bg_root *root, const char *path, mode_t mode);

/* Reads a whole file: O_NOFOLLOW|O_CLOEXEC|O_NONBLOCK|O_NOCTTY, regular, owned by root->owner, not writable
 * by group or others, at most `cap` bytes. *data is NUL-terminated (the NUL not counted) and to be freed.
 * 0, -ENOENT, -EPERM (not safe), -EFBIG (over cap), or another -errno. */
int bg_file_read_at(const struct bg_root *root, int dir, const char *name, size_t cap, char **data,
                    size_t *len);
/* As bg_file_read_at; *changed is when it was last modified (seconds since 1970). */
int bg_file_read_dated_at(const struct bg_root *root, int dir, const char *name, size_t cap, char **data,
                          size_t *len, int64_t *changed);
int bg_file_read(const struct bg_root *root, const char *path, size_t cap, char **data, size_t *len);
/* Reads what else there is to read, a file or a pipe: whoever made it, to its end, at most `cap` bytes. As
 * bg_file_read_at. */
int bg_fd_read(int fd, size_t cap, char **data, size_t *len);

/* Writes a whole file so that a reader sees the old one or the new one, and after 0 it survives a power cut:
 * temporary file in the same folder, fchmod, fsync, rename, fsync of the folder. */
int bg_file_write_at(int dir, const char *name, const void *data, size_t len, mode_t mode);
/* As bg_file_write_at without the two fsyncs: for /run, which does not survive a power cut anyway. */
int bg_file_write_volatile_at(int dir, const char *name, const void *data, size_t len, mode_t mode);
