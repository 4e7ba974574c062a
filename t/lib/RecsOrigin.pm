package RecsOrigin;

# An origin whose every byte, and every boundary between bytes, is the test's.
#
#     my $origin = RecsOrigin->new($t);         its port is %%PORT_origin%%
#     $origin->page('/p', body => $html);
#     $origin->page('/c', chunks => ['<recs-sl', 'ot name="a">', ...]);
#
# A response to an HTTP/1.1 request with `chunks` goes out in exactly these
# chunks of the chunked encoding, each of which nginx makes a buffer of its
# own.  Without, or to HTTP/1.0, it has a Content-Length.
#
#     status   => 200
#     type     => 'text/html'
#     headers  => [ 'Cache-Control: public, max-age=60' ]
#     etag     => '"x"'      and 304 to a matching If-None-Match
#     modified => $date      Last-Modified, and 304 to the same date
#     ranges   => 1          206 to "Range: bytes=a-b"
#     gzip     => 1          compressed where the request allows it, and
#                            where it is 'always' in any case
#
# A chunk may be { wait => 'name' }: nothing more is sent before the test has
# called $origin->open_gate('name').
#
#     $origin->requests      what has arrived: [ { line, headers, text } ]

use strict;
use warnings;

use IO::Compress::Gzip qw(gzip);
use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Storable qw(retrieve store);
use Time::HiRes qw(sleep);


sub new {
    my ($class, $nginx) = @_;

    my $self = bless { dir => $nginx->path('origin') }, $class;
    mkdir $self->{dir} or die "$self->{dir}: $!";
    mkdir "$self->{dir}/$_" or die "$_: $!" for qw(pages gates);

    my $listener = IO::Socket::INET->new(
        Listen => 64, LocalAddr => '127.0.0.1', ReuseAddr => 1)
        or die "origin: $!";

    $self->{port} = $nginx->{ports}{origin} = $listener->sockport;
    $self->{owner} = $$;
    $self->{pid} = fork // die "fork: $!";

    if ($self->{pid} == 0) {
        $self->serve($listener);
        POSIX::_exit(0);
    }

    return $self;
}


sub port    { return $_[0]{port} }
sub address { return "127.0.0.1:$_[0]{port}" }


sub page {
    my ($self, $path, %page) = @_;

    my $file = $self->file($path);
    store(\%page, "$file.new");
    rename "$file.new", $file or die "$file: $!";
}


sub open_gate {
    my ($self, $name) = @_;

    open my $fh, '>', "$self->{dir}/gates/$name" or die "$name: $!";
}


sub requests {
    my ($self) = @_;

    open my $fh, '<', "$self->{dir}/requests" or return [];
    local $/;

    return [map { parse_request($_) } split /\0/, scalar <$fh>];
}


sub stop {
    my ($self) = @_;

    return unless $self->{pid} && $self->{owner} == $$;

    kill 'TERM', $self->{pid};
    waitpid $self->{pid}, 0;
    delete $self->{pid};
}


sub DESTROY {
    my ($self) = @_;

    local ($?, $!);
    $self->stop;
}


sub file {
    my ($self, $path) = @_;

    return "$self->{dir}/pages/" . unpack 'H*', $path;
}


sub parse_request {
    my ($text) = @_;

    my ($line, @headers) = split /\r\n/, $text;
    my %headers = map { /^([^:]+):\s*(.*)/ ? (lc $1 => $2) : () } @headers;

    return { line => $line, headers => \%headers, text => $text };
}


# --- in the child --------------------------------------------------------

sub serve {
    my ($self, $listener) = @_;

    $SIG{CHLD} = 'IGNORE';
    $SIG{TERM} = 'DEFAULT';
    $SIG{PIPE} = 'IGNORE';

    while (1) {
        my $client = $listener->accept or next;
        my $pid = fork;

        if (defined $pid && $pid == 0) {
            setsockopt $client, IPPROTO_TCP, TCP_NODELAY, 1;
            $self->answer($client);
            close $client;
            POSIX::_exit(0);
        }

        close $client;
    }
}


sub answer {
    my ($self, $client) = @_;

    my $text = '';

    while ($text !~ /\r\n\r\n/) {
        sysread $client, $text, 65536, length $text or return;
    }

    my ($head) = $text =~ /^(.*?)\r\n\r\n/s;
    my $request = parse_request($head);
    my ($method, $path, $version)
        = $request->{line} =~ m{^(\S+) ([^? ]+)\S* HTTP/(1\.\d)$} or return;

    # One write of a whole record: appends do not mix.
    open my $log, '>>', "$self->{dir}/requests" or return;
    syswrite $log, "$head\0";
    close $log;

    my $file = $self->file($path);
    my $page = -e $file ? retrieve($file)
                        : { status => 404, body => "no $path\n" };

    $self->send($client, $page, $request->{headers}, $method, $version);
}


sub send {
    my ($self, $client, $page, $request, $method, $version) = @_;

    my $status = $page->{status} // 200;
    my @chunks = @{ $page->{chunks} // [$page->{body} // ''] };
    my @headers = ('Content-Type: ' . ($page->{type} // 'text/html'),
                   'Connection: close', @{ $page->{headers} // [] });

    push @headers, "ETag: $page->{etag}" if defined $page->{etag};
    push @headers, "Last-Modified: $page->{modified}"
        if defined $page->{modified};

    if (defined $page->{etag}
        && ($request->{'if-none-match'} // '') eq $page->{etag}
        || defined $page->{modified}
        && ($request->{'if-modified-since'} // '') eq $page->{modified})
    {
        return put($client, "HTTP/1.1 304 Not Modified\r\n"
                            . join('', map { "$_\r\n" } @headers) . "\r\n");
    }

    my $whole = join '', grep { !ref } @chunks;

    if ($page->{gzip}
        && ($page->{gzip} eq 'always'
            || ($request->{'accept-encoding'} // '') =~ /gzip/))
    {
        gzip(\$whole, \my $packed);
        $whole = $packed;
        @chunks = ($packed);
        push @headers, 'Content-Encoding: gzip';
    }

    if ($page->{ranges}
        && ($request->{range} // '') =~ /^bytes=(\d+)-(\d+)$/)
    {
        push @headers, "Content-Range: bytes $1-$2/" . length $whole;
        $whole = substr $whole, $1, $2 - $1 + 1;
        @chunks = ($whole);
        $status = 206;
    }

    my $chunked = $page->{chunks} && $version eq '1.1';

    push @headers, $chunked ? 'Transfer-Encoding: chunked'
                            : 'Content-Length: ' . length $whole;

    put($client, "HTTP/1.1 $status X\r\n"
                 . join('', map { "$_\r\n" } @headers) . "\r\n");

    return if $method eq 'HEAD';

    for my $chunk (@chunks) {
        if (ref $chunk) {
            sleep 0.005 until -e "$self->{dir}/gates/$chunk->{wait}";

        } elsif (length $chunk) {
            put($client, $chunked
                ? sprintf("%x\r\n%s\r\n", length $chunk, $chunk) : $chunk);
        }
    }

    put($client, "0\r\n\r\n") if $chunked;
}


sub put {
    my ($client, $bytes) = @_;

    while (length $bytes) {
        my $n = syswrite $client, $bytes or return;
        substr $bytes, 0, $n, '';
    }
}


1;
