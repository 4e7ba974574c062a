#include "recs_nginx_conf.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* A file, in the order in which they were opened; kept to the end. */
typedef struct recs_nginx_file_s {
    struct recs_nginx_file_s  *opened_before;
    struct recs_nginx_file_s  *then;         /* read next, NULL: nothing */
    unsigned                   depth;
    char                      *path;
    char                      *bytes;
    recs_nginx_text_t          text;
} recs_nginx_file_t;

struct recs_nginx_conf_s {
    recs_nginx_file_t  *opened;              /* the last one */
    recs_nginx_file_t  *reading;             /* NULL: the end */
    size_t              folder_len;          /* of the first file's path, with
                                                its slash */
    const char         *first;
};


static recs_status_t
recs_nginx_failed(const char *path, recs_error_t *err)
{
    return recs_error(err, RECS_IO, "cannot read \"%s\": %s", path,
                      strerror(errno));
}


static recs_status_t
recs_nginx_load(recs_nginx_file_t *file, recs_error_t *err)
{
    FILE    *in;
    char    *fitting;
    size_t   n;

    in = fopen(file->path, "re");

    if (in == NULL) {
        return recs_nginx_failed(file->path, err);
    }

    file->bytes = malloc(RECS_NGINX_FILE_MAX + 1);

    if (file->bytes == NULL) {
        fclose(in);
        return recs_error(err, RECS_NOMEM, "no memory for \"%s\"", file->path);
    }

    n = fread(file->bytes, 1, RECS_NGINX_FILE_MAX + 1, in);

    if (ferror(in)) {
        recs_nginx_failed(file->path, err);
        fclose(in);
        return RECS_IO;
    }

    fclose(in);

    if (n > RECS_NGINX_FILE_MAX) {
        return recs_error(err, RECS_LIMIT, "\"%s\" is over %d bytes, it is no "
                          "configuration", file->path, RECS_NGINX_FILE_MAX);
    }

    fitting = realloc(file->bytes, n + 1);

    if (fitting != NULL) {
        file->bytes = fitting;
    }

    file->text.name = file->path;
    file->text.p = file->bytes;
    file->text.last = file->bytes + n;
    file->text.line = 1;

    return RECS_OK;
}


/* Opens a file that is to be read before `then`. */
static recs_status_t
recs_nginx_open(recs_nginx_conf_t *conf, const char *path,
    recs_nginx_file_t *then, unsigned depth, recs_error_t *err)
{
    recs_nginx_file_t  *file;

    file = calloc(1, sizeof(recs_nginx_file_t));

    if (file != NULL) {
        file->path = strdup(path);
        file->opened_before = conf->opened;
        file->then = then;
        file->depth = depth;
        conf->opened = file;
        conf->reading = file;
    }

    if (file == NULL || file->path == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for \"%s\"", path);
    }

    return recs_nginx_load(file, err);
}


recs_status_t
recs_nginx_conf_open(recs_nginx_conf_t **conf, const char *path,
    recs_error_t *err)
{
    const char         *slash;
    recs_status_t       status;
    recs_nginx_conf_t  *c;

    c = calloc(1, sizeof(recs_nginx_conf_t));

    if (c == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for \"%s\"", path);
    }

    slash = strrchr(path, '/');
    c->first = path;
    c->folder_len = slash != NULL ? (size_t) (slash + 1 - path) : 0;

    status = recs_nginx_open(c, path, NULL, 0, err);

    if (status != RECS_OK) {
        recs_nginx_conf_close(c);
        return status;
    }

    *conf = c;

    return RECS_OK;
}


char *
recs_nginx_conf_path(const recs_nginx_conf_t *conf, recs_str_t path)
{
    char    *whole;
    size_t   folder_len;

    folder_len = path.len > 0 && path.data[0] == '/' ? 0 : conf->folder_len;
    whole = malloc(folder_len + path.len + 1);

    if (whole != NULL) {
        memcpy(whole, conf->first, folder_len);
        memcpy(whole + folder_len, path.data, path.len);
        whole[folder_len + path.len] = '\0';
    }

    return whole;
}


/* The files of an include, the first of them to be read first. */
static recs_status_t
recs_nginx_include(recs_nginx_conf_t *conf, const recs_nginx_line_t *line,
    recs_error_t *err)
{
    int                 rc;
    char               *path;
    glob_t              found;
    size_t              i;
    recs_status_t       status;
    recs_nginx_file_t  *from;

    from = conf->reading;

    if (from->depth == RECS_NGINX_DEPTH_MAX) {
        return recs_error(err, RECS_LIMIT, "%s:%u: includes are nested over "
                          "%d deep", line->name, line->line,
                          RECS_NGINX_DEPTH_MAX);
    }

    path = recs_nginx_conf_path(conf, line->words[1]);

    if (path == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for an include");
    }

    if (strpbrk(path, "*?[") == NULL) {
        status = recs_nginx_open(conf, path, from, from->depth + 1, err);
        free(path);
        return status;
    }

    rc = glob(path, 0, NULL, &found);
    status = rc == 0 || rc == GLOB_NOMATCH
             ? RECS_OK
             : recs_error(err, RECS_IO, "%s:%u: cannot look for \"%s\"",
                          line->name, line->line, path);

    for (i = rc == 0 ? found.gl_pathc : 0; i > 0 && status == RECS_OK; i--) {
        status = recs_nginx_open(conf, found.gl_pathv[i - 1], conf->reading,
                                 from->depth + 1, err);
    }

    if (rc == 0) {
        globfree(&found);
    }

    free(path);

    return status;
}


recs_status_t
recs_nginx_conf_next(recs_nginx_conf_t *conf, recs_nginx_line_t *line,
    recs_error_t *err)
{
    recs_status_t  status;

    while (conf->reading != NULL) {

        status = recs_nginx_words_next(&conf->reading->text, line, err);

        if (status == RECS_NOT_FOUND) {
            conf->reading = conf->reading->then;
            continue;
        }

        if (status != RECS_OK || line->end != ';' || line->n != 2
            || line->words[0].len != 7
            || memcmp(line->words[0].data, "include", 7) != 0)
        {
            return status;
        }

        status = recs_nginx_include(conf, line, err);

        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_NOT_FOUND;
}


void
recs_nginx_conf_close(recs_nginx_conf_t *conf)
{
    recs_nginx_file_t  *file, *before;

    if (conf == NULL) {
        return;
    }

    for (file = conf->opened; file != NULL; file = before) {
        before = file->opened_before;
        free(file->path);
        free(file->bytes);
        free(file);
    }

    free(conf);
}
