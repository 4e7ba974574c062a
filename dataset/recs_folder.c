#include "recs_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>


recs_status_t
recs_folder_create(recs_folder_t *folder, const char *path,
    recs_error_t *err)
{
    int      n;
    char    *made;
    size_t   len;
    mode_t   mask;

    len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        len--;
    }

    n = snprintf(folder->temporary, sizeof(folder->temporary), "%.*s.XXXXXX",
                 (int) len, path);

    if (len == 0 || n < 0 || (size_t) n >= sizeof(folder->temporary)) {
        return recs_error(err, RECS_INVALID, "\"%.64s\" is no usable name of "
                          "a folder", path);
    }

    recs_temporary_hold();
    made = mkdtemp(folder->temporary);

    if (made != NULL) {
        recs_temporary_add(&folder->entry, RECS_TEMPORARY_FOLDER,
                           folder->temporary);
    }

    recs_temporary_release();

    if (made == NULL) {
        return recs_error(err, RECS_IO, "cannot make a folder beside \"%s\": "
                          "%s", path, strerror(errno));
    }

    mask = umask(0);
    umask(mask);
    (void) chmod(folder->temporary, 0777 & ~mask);

    return RECS_OK;
}


recs_status_t
recs_folder_commit(recs_folder_t *folder, const char *path,
    recs_error_t *err)
{
    int            rc;
    recs_status_t  status;

    recs_temporary_hold();

    rc = rename(folder->temporary, path);

    if (rc == 0) {
        recs_temporary_forget(&folder->entry);
    }

    recs_temporary_release();

    if (rc == 0) {
        return RECS_OK;
    }

    status = errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR
             || errno == EBUSY
             ? recs_error(err, RECS_REFUSED, "\"%s\" is there and not an "
                          "empty folder; remove it or name another one", path)
             : recs_error(err, RECS_IO, "cannot make \"%s\": %s", path,
                          strerror(errno));

    recs_folder_abort(folder);

    return status;
}


void
recs_folder_abort(recs_folder_t *folder)
{
    recs_temporary_discard(&folder->entry);
}
