package RecsVisitors;

# A shop whose visitors say what they allow, with nginx's own cache and pages
# in www/ (page.html, and what a test writes there):
#
#     my $t = RecsVisitors->new;
#     $t->site(http => 'recs_consent $arg_consent;',     in http{}
#              server => 'recs_gpc 1;',                  in its server{}
#              servers => 'server { ... }');             beside it
#     my @events = $t->events;                           logged so far
#     my $n = $t->visitors->{consent_0};                 of the status page
#     $t->refuses(server => { 'recs_gpc 3;' => qr/invalid consent level/ });

use strict;
use warnings;

use JSON::PP qw(decode_json);

use parent qw(RecsNginx);


sub new {
    my ($class, @options) = @_;

    my $self = $class->SUPER::new(@options);

    $self->publish($self->bundle('a'), 'shop');
    mkdir $self->path('www') or die "www: $!";
    $self->write('www/page.html', 'a page that can be had in parts');

    return $self;
}


sub site {
    my ($self, %more) = @_;

    my ($http, $server, $servers) = map { $more{$_} // '' }
                                    qw(http server servers);

    return $self->conf(<<"END");
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; }

    recs_event_log %%DIR%%/events flush=20ms;
    recs_session_zone visitors 1m;
    recs_session zone=visitors;
    large_client_header_buffers 8 128k;
    proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;
    $http

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;
        ssi on;
        $server

        location /recs/ { recs_api; }
        location /status { recs_status; }
        location /filled { recs_fill on; try_files /filled.html =404; }
        location /static/ { ssi off; alias %%DIR%%/www/; }

        location /item {
            ssi off;
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        location /cached {
            recs_fill on;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/filled.html;
            proxy_cache pages;
            proxy_cache_key \$uri;
            proxy_cache_valid 200 1h;
            add_header X-Cache \$upstream_cache_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_origin%%;
        recs_session off;
        root %%DIR%%/www;
    }

    $servers
}
END
}


# Each line there is refused with a message that matches.
sub refuses {
    my ($self, $where, $lines) = @_;

    for my $line (sort keys %$lines) {
        $self->site($where => $line);
        $self->refused($line, $lines->{$line});
    }
}


sub visitors { return $_[0]->json('/status')->{json}{visitors} }


# Whole lines, decoded.
sub events {
    my ($self) = @_;

    return map { decode_json($_) } $self->read('events.0') =~ /(.*)\n/g;
}


1;
