/*
 * recs_nginx_conf: the directives of an nginx configuration, those of files
 * that it includes in their places.
 */

#ifndef _RECS_NGINX_CONF_H_INCLUDED_
#define _RECS_NGINX_CONF_H_INCLUDED_


#include "recs_nginx_words.h"


#define RECS_NGINX_FILE_MAX   (16 * 1024 * 1024)
#define RECS_NGINX_DEPTH_MAX  16


typedef struct recs_nginx_conf_s  recs_nginx_conf_t;


/* RECS_IO, RECS_LIMIT: the file cannot be read, is over RECS_NGINX_FILE_MAX. */
recs_status_t recs_nginx_conf_open(recs_nginx_conf_t **conf, const char *path,
    recs_error_t *err);

/*
 * The next directive; its words live as long as conf.  An include whose name
 * is a pattern may find nothing.  RECS_NOT_FOUND: there is none.
 */
recs_status_t recs_nginx_conf_next(recs_nginx_conf_t *conf,
    recs_nginx_line_t *line, recs_error_t *err);

/*
 * A file that the configuration names, as nginx finds it: from the folder of
 * the first file where its path does not begin with "/".  To be freed; NULL:
 * no memory.
 */
char *recs_nginx_conf_path(const recs_nginx_conf_t *conf, recs_str_t path);

/* May be NULL. */
void recs_nginx_conf_close(recs_nginx_conf_t *conf);


#endif /* _RECS_NGINX_CONF_H_INCLUDED_ */
